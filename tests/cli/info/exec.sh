# The traces of one process, before and after each exec, find each other in their folder.
trace() { # NAME PID TICKS SECONDS
	printf '%s\n' "process boot=b pid=$2 start_ticks=$3 exe=/bin/sh cwd=/ host=h time=$4 recorder=r clock=2 utc=0" \
		"command sh" "module 1 /bin/sh start=0x1000 size=0x1000 main" "frame f 0x1000 1 /bin/sh /src/sh.c:1 main" \
		"thread 1 $2 sh" "alloc 0x10 8 f" "time 1" >made.txt
	"$MAKE_TRACE" made.txt "$1"
}
mkdir run
trace run/first.tmz 9 5 100
trace run/first.tmz.1 9 5 102
trace run/last.tmz 9 5 104
trace run/other.tmz 10 5 103
trace run/reused.tmz 9 6 101
"$TMTRACE" snapshot run/first.tmz.1 -o run/snapshot.tmz
cp run/last.tmz run/copy.tmz
echo words >run/words.tmz
links() { "$TMTRACE" info "$@" | grep 'exec: '; }
for name in first.tmz first.tmz.1 last.tmz; do
	links "run/$name"
done
for name in other reused snapshot; do
	links "run/$name.tmz" || echo "$name has none"
done
cd run && "$TMTRACE" info first.tmz.1 --format json | grep exec
links - <first.tmz.1 || echo "standard input has none"
