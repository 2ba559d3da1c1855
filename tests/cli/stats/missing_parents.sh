# Children of parents that are not there: the first is told of, and how many more there are.
mkdir run
for pid in 7 8 9; do
	printf '%s\n' "identity 0x$pid" "process boot=b pid=$pid start_ticks=$pid exe=/bin/sh cwd=/ host=h time=$pid recorder=r" \
		"process parent=0x10$pid parent_trace=/nowhere/$pid.tmz" "forked-at 1 1 5" "command sh" \
		"frame f 0x1000 0 - /src/sh.c:1 main" "alloc 0x10 $pid f" >made.txt
	"$MAKE_TRACE" made.txt "run/sh.$pid.tmz"
done
"$TMTRACE" stats run 2>&1
rm run/sh.9.tmz
"$TMTRACE" stats run 2>&1 | head -2
rm run/sh.8.tmz
"$TMTRACE" stats run 2>&1 | head -2
