# All traces in a folder, in the order of their names; journals and other files belong to no process.
trace() { # NAME PID SECONDS PROGRAM SIZE
	printf '%s\n' "process boot=b pid=$2 start_ticks=$2 exe=/bin/$4 cwd=/ host=h time=$3 recorder=r clock=2" \
		"command $4" "module 1 /bin/$4 start=0x1000 size=0x1000 main" "frame f 0x1000 1 /bin/$4 /src/$4.c:1 main" \
		"thread 1 $2 $4" "alloc 0x10 $5 f" "time 1" >made.txt
	"$MAKE_TRACE" made.txt "run/$1"
}
mkdir -p run/below
trace sh.9.tmz 9 100 sh 10
trace sh.9.tmz.1 9 102 sh 20
trace server.9.tmz 9 101 server 40
trace sh.10.tmz 10 103 sh 80
trace below/other.tmz 11 104 other 1000
echo words >run/notes.txt
: >run/sh.10.tmz.live.txt
"$TMTRACE" stats run
"$TMTRACE" stats run -g process
"$TMTRACE" stats run -g process -n 1 | tail -1
"$TMTRACE" stats run@peak -g thread --format plain
echo 'one recording counts once'
cp run/sh.10.tmz run/copy.tmz
"$TMTRACE" snapshot run/server.9.tmz@peak -o run/peak.tmz
"$TMTRACE" stats run -g process 2>&1
"$TMTRACE" stats run/sh.10.tmz run/copy.tmz@peak run/sh.10.tmz -g process 2>&1
echo 'all operands are counted'
"$TMTRACE" stats run/below/ run/sh.10.tmz -g process
cd run && "$TMTRACE" stats . -g process --format json 2>&1 | sed -n '1,8p'
