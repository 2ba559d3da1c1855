# shellcheck shell=sh
# valgrind counts the same.
if ! have valgrind; then
	skip "valgrind is not installed"
	return 0
fi
for mode in "" extra; do
	# shellcheck disable=SC2086
	{
		valgrind --run-libc-freeres=no "$PROGRAMS/two_runs" $mode >out 2>valgrind.err || true
		(LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/valgrind.tmz" exec "$PROGRAMS/two_runs" $mode >out)
	}
	# "total heap usage: 10,301 allocs, 5,000 frees, 13,211,596 bytes allocated"
	# shellcheck disable=SC2046
	set -- $(sed -n 's/.*total heap usage: //p' valgrind.err | tr -d 'a-z,')
	expect "allocations of two_runs $mode" equal "$(info valgrind.tmz events.allocations)" "$1"
	expect "frees of two_runs $mode" equal "$(info valgrind.tmz events.frees)" "$2"
	expect "bytes of two_runs $mode" equal "$(info valgrind.tmz events.allocated_bytes)" "$3"
	rm valgrind.tmz
done
