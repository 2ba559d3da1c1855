# shellcheck shell=sh
# What programs map themselves: tests/programs/mappings.c, which knows what it does, and real programs.
domain() { # NAME KEY: of info.json, 0 if there is none
	/usr/bin/python3 -c 'import json, sys
print(next((d[sys.argv[2]] for d in json.load(open("info.json"))["domains"] if d.get("name") == sys.argv[1]), 0))' "$@"
}

recorded mappings "$PROGRAMS/mappings"
# shellcheck disable=SC2046
set -- $(sed -n 's/^truth //p' plain.out)
info "$(echo trace.*.tmz)" pid >/dev/null
expect "what is mapped at the end is exact" equal "$(domain mmap size)" "$1"
expect "and so is the number of traces" equal "$(domain mmap count)" "$2"
expect "and what was mapped at the most" equal "$(check get info.json peak.size)" "$3"
expect "and what is reserved" equal "$(check get info.json reserved_size)" "$4"
expect "an unmap of what nobody knows is no unknown free" equal "$(check get info.json quality.unknown_frees)" 0
"$TMTRACE" stats trace.*.tmz --domain-filter include,1 --format json >stats.json
expect "the filter by domain has the same total" equal "$(check get stats.json total.size)" "$1"
if have strace && strace -o strace.out -e trace=%memory,access "$PROGRAMS/mappings" >strace.truth; then
	expect "strace sees the same calls leave the same" equal \
		"$(/usr/bin/python3 -I "$SOURCE/tests/preload/strace_maps.py" strace.out)" "$1 $3 $4"
else
	skip "strace is not installed or cannot trace"
fi

same "mappings odd" "$PROGRAMS/mappings" odd
# shellcheck disable=SC2046
set -- $(sed -n 's/^truth //p' plain.out)
for trace in trace.*.tmz; do
	"$TMTRACE" info "$trace" --format json >info.json
	[ "$(domain mmap size)" -ne "$1" ] || parent=$trace
done
expect "handlers, small stacks and vfork children are seen" test -n "${parent-}"
line=$(grep -n 'mapped = mmap' "$SOURCE/tests/programs/mappings.c" | cut -d: -f1)
"$TMTRACE" stats "${parent-}" --domain-filter include,1 --format json >stats.json
expect "and both parts have the traceback of the whole" check site stats.json mappings.c "$line" "$2" "$1"

same "mappings flags" "$PROGRAMS/mappings" flags
# shellcheck disable=SC2046
set -- $(sed -n 's/^truth //p' plain.out)
info "$(echo trace.*.tmz)" pid >/dev/null
expect "every kind of mapping is seen as large as it is" equal "$(domain mmap size) $(domain mmap count)" "$1 $2"
expect "and 100 GiB without access are no memory" equal "$(check get info.json reserved_size)" "$3"

same "mappings stacks" "$PROGRAMS/mappings" stacks

for threads in 2 8; do
	rm -f storm.tmz*
	env LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/storm.tmz" "$PROGRAMS/mappings" storm "$threads" $((40000 / threads)) >truth
	# shellcheck disable=SC2046
	set -- $(sed -n 's/^truth //p' truth)
	"$TMTRACE" info storm.tmz --format json >info.json
	expect "storm of $threads threads: what is mapped is exact" equal "$(domain mmap size) $(domain mmap count)" "$1 $2"
	for wrong in unknown_frees order_conflicts lost_events; do
		expect "storm of $threads threads: $wrong is 0" equal "$(check get info.json "quality.$wrong")" 0
	done
done

for library in libjemalloc.so.2 libtcmalloc_minimal.so.4 libmimalloc.so.2; do
	behind=$(/sbin/ldconfig -p | sed -n "s|.*$library .*=> ||p" | head -n 1)
	if [ -z "$behind" ]; then
		skip "$library is not installed"
		continue
	fi
	rm -f own.tmz*
	env LD_PRELOAD="$LIB $behind" TMTRACE_OUTPUT="$PWD/own.tmz" "$PROGRAMS/family" alien >truth 2>&1 || true # mimalloc differs
	"$TMTRACE" info own.tmz --format json >info.json
	expect "what $library maps for its blocks is not recorded" equal "$(domain mmap count)" 0
done

# real NAME COMMAND...: behaves as untraced, and something is mapped at some time.
real() {
	same "$@"
	shift
	for trace in trace.*.tmz; do "$TMTRACE" dump "$trace"; done >dump.out
	expect "$1 maps memory" grep -q 'domain=1' dump.out
	for trace in trace.*.tmz; do
		expect "$1: nothing is lost" equal "$(info "$trace" quality.lost_events)" 0
	done
}
export PYTHONHASHSEED=0
real python3 /usr/bin/python3 -sS -c 'import mmap
a = [str(i) for i in range(200000)]
m = mmap.mmap(-1, 1 << 20)
m.resize(1 << 21)
print(len(a), len(m))
m.close()'
if have node; then
	real node node -e 'const a = []; for (let i = 0; i < 1e5; i++) a.push({i, s: String(i)}); console.log(a.length)'
else
	skip "node is not installed"
fi
