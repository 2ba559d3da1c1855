# Traces that claim to be each other's parents, or their own, end the search and are counted once.
mkdir run
for pair in 1:2 2:1 3:1 4:2 5:5; do
	i=${pair%:*} parent=${pair#*:}
	printf '%s\n' "identity 0x$i" "process boot=b pid=$i start_ticks=$i exe=/bin/sh cwd=/ host=h time=$i recorder=r" \
		"process parent=0x$parent parent_trace=/nowhere/$parent.tmz" "forked-at 1 1 1" "command sh" \
		"frame f 0x1000 0 - /src/sh.c:1 main" "alloc 0x1$i $i f" >made.txt
	"$MAKE_TRACE" made.txt "run/$i.tmz"
done
"$TMTRACE" stats run -g process 2>&1
for i in 1 2 3 4 5; do "$TMTRACE" stats run/$i.tmz --format csv -g process 2>/dev/null; done
