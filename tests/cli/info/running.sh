# Killed or still running: told by boot, process number and start time.
boot=$(cat /proc/sys/kernel/random/boot_id)
ticks=$(sed 's/.*) //' "/proc/$$/stat" | cut -d ' ' -f 20)
make() {
	printf '%s\n' "process boot=$boot pid=$1 start_ticks=$2 kill_safe=1 host=h" 'thread 1 7' 'alloc 0x100 8' \
		chunk 'alloc 0x200 8' "$3" >text
	"$MAKE_TRACE" text "$4.tmz"
}
make $$ "$ticks" kill running
make $$ 1 kill killed
make $$ "$ticks" no-closing alone
make 4194304 1 no-closing gone
for trace in running killed alone gone; do
	"$TMTRACE" info "$trace.tmz" | sed -n '1s/, [0-9]* B.*//p; s/.*\(1 thread, \)/\1/p'
	"$TMTRACE" info "$trace.tmz" --format json 2>err | grep -o '"complete":.*,"dur'
	"$TMTRACE" verify "$trace.tmz"
done
