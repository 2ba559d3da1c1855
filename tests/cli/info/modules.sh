# Of many modules the worst come first, and those that matter little share a line.
{
	echo 'process pid=1 exe=/home/me/app cwd=/home/me time=1500000000 clock=2'
	echo 'module 1 /home/me/app start=0x400000 size=0x1000 main'
	echo 'thread 1 1'
	echo 'frame main 0x400010 1 /home/me/app /home/me/a.c:2 main'
	for i in $(seq 2 16); do
		echo "module $i /none/plugins/lib$i.so start=0x$((i + 16))""00000 size=0x10000 build_id=00112233$(printf %02x "$i")"
		echo "frame f$i 0x$((i + 16))""00010 $i /none/plugins/lib$i.so - f$i"
		echo "frame g$i 0x$((i + 16))""00020 $i /none/plugins/lib$i.so - g$i"
	done
	echo 'alloc 0x1000 700000 main'
	echo 'alloc 0x2000 200000 f9 main'
	echo 'alloc 0x3000 90000 f3 g3 main'
	for i in 2 4 5 6 7 8 10 11 12 13; do
		echo "alloc 0x$i""0000 $((100 + i)) f$i main"
	done
	echo 'alloc 0xa000 1 main g14 g15 f15 main'
} >many.txt
"$MAKE_TRACE" many.txt many.tmz
COLUMNS=100 "$TMTRACE" info many.tmz | sed -n '/^modules/,$p'
COLUMNS=70 "$TMTRACE" info many.tmz | sed -n '/^modules/,/lib3/p'
"$TMTRACE" info many.tmz | sed -n '/^modules/,$p'
"$TMTRACE" info many.tmz --format json | grep -c '"path"'
