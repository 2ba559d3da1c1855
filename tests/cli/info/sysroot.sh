# Below a --sysroot, the debug file that would have helped is looked for there, and told to be there.
{
	echo 'process pid=1 exe=/none/app cwd=/none time=1500000000 clock=2'
	echo 'module 1 /none/app start=0x400000 size=0x1000 build_id=0011223344 main'
	echo 'thread 1 1'
	echo 'frame main 0x400010 1 /none/app - main'
	echo 'alloc 0x1000 10 main'
} >one.txt
"$MAKE_TRACE" one.txt one.tmz
"$TMTRACE" info one.tmz | grep 'not found'
"$TMTRACE" info one.tmz --sysroot /other | grep 'not found'
"$TMTRACE" info one.tmz --sysroot /other --format json | grep -o '"debug_file":"[^"]*"'
