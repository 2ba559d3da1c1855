# shellcheck shell=sh
# Names of threads, whenever they got them; and thousands of threads that come and go: tests/programs/names.c.
rm -f trace.*
status names.out names.err env LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/trace.tmz" "$PROGRAMS/names"
expect "threads with names end with status 0" equal "$status" 0
"$TMTRACE" stats trace.tmz --group-by thread --format csv >threads.csv
for name in first last late late-end by-other; do
	expect "the name that a thread got last is the one that counts: $name" grep -q "\"\?$name ([0-9]*)" threads.csv
done
refuse "and no other thread has one" grep -q -E '(names|tick) \([2-9]' threads.csv

# many N AT_ONCE: sets $bytes and $descriptors, what the tracer says of itself when all have ended.
many() {
	rm -f count.* trace.*
	status many.out many.err traced "$PROGRAMS/names" many "$1" "$2"
	exact "$1 threads, $2 at once,"
	read -r bytes _ descriptors _ <many.err
}
many 1000 1
few=$descriptors
many 10000 1
expect "10,000 threads, one after the other: the tracer has less than 4 MiB ($bytes)" test "$bytes" -lt 4194304
expect "and keeps no descriptor of them" equal "$descriptors" "$few"
expect "nor a file" equal "$(echo trace.*)" "$(echo trace.*.tmz)"
expect "every thread is known" equal "$(info "$(echo trace.*.tmz)" threads)" 10001
expect "their analysis takes less than 64 MiB" /usr/bin/python3 -I -c 'import glob, os, resource, subprocess
subprocess.run([os.environ["TMTRACE"], "stats", *glob.glob("trace.*"), "--group-by", "thread"], check=True)
assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 65536'
many 10048 64
expect "10,048 threads, 64 at once: the tracer has less than 16 MiB ($bytes)" test "$bytes" -lt 16777216
expect "and keeps no descriptor of them" equal "$descriptors" "$few"
expect "every thread is known" equal "$(info "$(echo trace.*.tmz)" threads)" 10049
