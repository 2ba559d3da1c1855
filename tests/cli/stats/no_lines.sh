# A table of which more than 5 % has no line says so in its last line.
trace() { # NAME BYTES-WITH BYTES-WITHOUT
	cat >lines.txt <<END
process pid=1 exe=/home/me/app cwd=/home/me time=1500000000 clock=2
module 1 /home/me/app start=0x400000 size=0x1000 main
module 2 /home/me/liba.so start=0x500000 size=0x1000
thread 1 1
frame a 0x400010 1 /home/me/app /home/me/a.c:2 f
frame b 0x500020 2 /home/me/liba.so - g
frame c 0x400030 1 /home/me/app - -
alloc 0x1000 $2 a b
alloc 0x2000 $3 b a
END
	"$MAKE_TRACE" lines.txt "$1.tmz"
}
trace five 95000000 5000000
trace more 94999999 5000001
trace all 0 1
for trace in five more all; do
	"$TMTRACE" stats "$trace.tmz" | tail -n 2
done
for key in filename function traceback module domain thread; do
	echo "by $key: $("$TMTRACE" stats more.tmz -g "$key" | grep -c 'no line;')"
done
for format in plain traceback json csv; do
	echo "as $format: $("$TMTRACE" stats more.tmz --format "$format" | grep -c 'no line;')"
done
"$TMTRACE" stats five.tmz --filter 'exclude,pattern=*/a.c' | tail -n 1
"$TMTRACE" stats -n 1 - <more.tmz | tail -n 1
"$TMTRACE" diff five.tmz more.tmz | tail -n 2
"$TMTRACE" diff five.tmz@start five.tmz | tail -n 2
"$TMTRACE" diff five.tmz five.tmz | tail -n 2
printf '{"domain":0,"size":10,"traceback":[["a.py",0]],"total_nframe":1}\n' >a.jsonl
"$TMTRACE" import a.jsonl -o a.tmz
"$TMTRACE" stats a.tmz | tail -n 1
