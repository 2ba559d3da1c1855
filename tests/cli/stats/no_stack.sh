# Without any frame there is one, <unknown>:0, an ordinary name; without line information MODULE:0.
cat >in.txt <<'END'
process pid=7 exe=/src/small cwd=/src host=h time=1000000000 clock=2
module 1 /src/libx.so start=0x400000 size=0x1000 main
thread 1 7
frame bare 0x400010 1 /src/libx.so
frame named 0x400020 1 /src/libx.so - function
frame main 0x400030 1 /src/libx.so main.c:7 main
alloc:no-stack 0x1000 10
alloc 0x2000 20 bare main
alloc 0x3000 30 named main
alloc 0x4000 40 0x900000 main
END
"$MAKE_TRACE" in.txt in.tmz
for key in lineno filename traceback function; do
	"$TMTRACE" stats in.tmz --format plain -g "$key"
done
"$TMTRACE" stats in.tmz --format traceback -g traceback
"$TMTRACE" stats in.tmz --format plain --filter 'exclude,pattern=<unknown>'
"$TMTRACE" export in.tmz
