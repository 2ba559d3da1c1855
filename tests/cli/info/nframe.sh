# Callers that stacks share count once, also where the recording cuts stacks off.
{
	echo 'process pid=1 exe=/none/app cwd=/none time=1500000000 clock=2 nframe=3'
	echo 'module 1 /none/app start=0x400000 size=0x1000 main'
	echo 'thread 1 1'
	at=10
	for f in main shared a b c d; do
		echo "frame $f 0x4000$at 1 /none/app - $f"
		at=$((at + 10))
	done
	for i in 1 2 3; do
		echo "alloc 0x${i}000 10 a shared main"
		echo "alloc 0x${i}100 10 b shared main"
		echo "alloc 0x${i}200 10 c a shared main"
		echo "alloc 0x${i}300 10 d c a shared main"
	done
} >cut.txt
"$MAKE_TRACE" cut.txt cut.tmz
"$TMTRACE" info cut.tmz | grep '^ *app'
