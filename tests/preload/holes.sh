# shellcheck shell=sh
# The fifteen holes of README.md beside this, by number; what heaptrack does with each is told, and never a failure.
hole() { # NUMBER WAY: recorded as the counter counts; leaves trace.*.tmz
	number=$1 way=$2
	recorded "hole $number, $way" "$PROGRAMS/holes" "$way"
	info "$(echo trace.*.tmz)" quality.unknown_frees >/dev/null
	expect "hole $number, $way: no free is unknown, no order in doubt" \
		equal "$(check get info.json quality.unknown_frees) $(check get info.json quality.order_conflicts)" "0 0"
}
live() { # COUNT [SIZE]: of each
	expect "hole $number, $way: $1 blocks of ${2-0} bytes are left" equal "$(check live "$(echo trace.*.tmz)" 0 0 | tr ' ' '\n' |
		grep . | sort | uniq -c | awk '{ print $1, $2 }')" "$([ "$1" = 0 ] || echo "$1 ${2-}")"
}

# peer WAY: what heaptrack says of it, in peer.out; false where it is not installed.
peer() {
	have heaptrack || return 1
	heaptrack -o "$PWD/peer" "$PROGRAMS/holes" "$1" >peer.out 2>&1 || true
}
value() { sed -n "s/^[[:space:]]*$1:[[:space:]]*//p" peer.out | head -n 1; }
record() { # WANTED GOT WHAT
	if [ "$1" = "$2" ]; then ok "hole $number, $way: heaptrack passes"; else
		ok "hole $number, $way: heaptrack fails: $3: $2 instead of $1"; fi
}
peer_leaks() { if peer "$way"; then record "$1" "$(value 'leaked allocations')" "blocks left"; fi; }
own=0 # that it counts of itself
if peer nothing; then own=$(value allocations); fi
peer_allocates() { if peer "$way"; then record "$1" "$(($(value allocations) - own))" "allocations"; fi; }
have heaptrack || skip "what heaptrack does with each: not installed"

hole 1 realloc_zero
live 0
peer_leaks 0

hole 2 realloc_race
(GLIBC_TUNABLES=glibc.malloc.tcache_count=0; export GLIBC_TUNABLES; hole 2 realloc_race)
if peer realloc_race; then record 0 "$(($(value 'leaked allocations') - $(check counter count.* |
	sed 's/.*"live_count": \([0-9]*\).*/\1/')))" "blocks left too many"; fi

hole 3 realloc_fails
live 1000 100
peer_leaks 1000

hole 4 malloc_fails
expect "hole 4: calls that fail are no events" equal "$(check get info.json events.allocations)" 0
peer_allocates 0

hole 5 aligned
live 50 4096
peer_leaks 50

# 6, another library at the address of one that is gone: reload.sh counts each under its own name.
number=6 way=reload
recorded "hole 6, reload" "$PROGRAMS/reload"
"$TMTRACE" stats trace.*.tmz -g function --format json >stats.json
expect "hole 6: each library has its own blocks" equal "$(/usr/bin/python3 -c 'import json
rows = {r.get("key"): r["count"] for r in json.load(open("stats.json"))["statistics"]}
print(rows.get("allocate_in_a"), rows.get("allocate_in_b"))')" "100 200"
if have heaptrack; then
	heaptrack -o "$PWD/peer6" "$PROGRAMS/reload" >peer.out 2>&1 || true
	heaptrack_print -F peer.stacks --flamegraph-cost-type allocations "$PWD"/peer6.[zg]* >peer.txt 2>&1 || true
	record "100 200" "$(awk '/allocate_in_a/ { a += $NF } /allocate_in_b/ { b += $NF } END { print a + 0, b + 0 }' peer.stacks)" \
		"blocks of the two libraries"
fi

# 7, what is told of a thread's blocks may not depend on what others do between.
hole 7 alternating
"$TMTRACE" stats trace.*.tmz -g traceback --format csv | sed 's/0x[0-9a-f]*//g' >alternating.csv
events=$(check get info.json events.allocations)
peer alternating && alternating=$(value 'temporary allocations')
hole 7 successive
"$TMTRACE" stats trace.*.tmz -g traceback --format csv | sed 's/0x[0-9a-f]*//g' >successive.csv
expect "hole 7: the same is left, whichever thread is next" cmp alternating.csv successive.csv
expect "hole 7: and counted" equal "$(check get info.json events.allocations)" "$events"
if peer successive; then record "$(value 'temporary allocations')" "$alternating" "temporary allocations when threads alternate"; fi

# 8, a difference of two builds of one program: other folder, one line more.
number=8 way=builds
for build in one two; do
	mkdir $build
	{
		[ $build = one ] || echo "/* a line more */"
		echo '#include <stdlib.h>'
		echo 'void *volatile kept[9];'
		echo '__attribute__((noinline)) static void fill(int i) { kept[i] = malloc(100); }'
		echo 'int main(void) { for (int i = 0; i < 9; i++) fill(i); return 0; }'
	} >$build/program.c
	(cd $build && ${CC:-cc} -g -O1 -o program "$PWD/program.c" && LD_PRELOAD="$LIB" TMTRACE_OUTPUT=p.tmz ./program)
	if have heaptrack; then heaptrack -o "$PWD/$build/peer" $build/program >peer.out 2>&1 || true; fi
done
"$TMTRACE" diff one/p.tmz two/p.tmz -g function --format json >diff.json
expect "hole 8: two builds do not differ by function" /usr/bin/python3 -c 'import json, sys
rows = json.load(open("diff.json"))["statistics"]
sys.exit(not rows or any(r["size_diff"] or r["count_diff"] for r in rows))'
if have heaptrack; then
	heaptrack_print -d one/peer.[zg]* -f two/peer.[zg]* >peer.txt 2>&1 || true
	record 0 "$(grep -c 'fill' peer.txt || true)" "lines about a function that did not change"
fi

# 9, a table of which only a part is used, is a unit test: blocks_spread_over_all_entries_of_a_table.

number=10 way=mremap
same "hole 10, mremap" "$PROGRAMS/holes" mremap
expect "hole 10: what mremap adds is not touched" equal "$(cat traced.out)" "1 of 16384 pages resident"
expect "hole 10: the mapping counts with its new size" equal "$(check live "$(echo trace.*.tmz)" 1 67108864)" 67108864

hole 11 callocs
live 100 10000
peer_leaks 100

hole 12 alone
expect "hole 12: no thread and no child is added" equal "$(head -n 1 traced.out)" "threads: 1, children: 0"
if peer alone; then record 1 "$(sed -n 's/^threads: \([0-9]*\),.*/\1/p' peer.out)" "threads of the program"; fi

hole 13 zero_sizes
live 10 0
expect "hole 13: free(NULL) and calls that overflow are no events" \
	equal "$(check get info.json events.allocations) $(check get info.json events.frees)" "10 0"
peer_allocates 10

# 14, short writes: a file system that is full in the midst of one.
number=14 way=many_events
mkdir full
cat >within.sh <<'END'
mount -t tmpfs -o size=200k tmpfs full || exit 77
head -c 100000 /dev/zero >full/filler
LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/full/t.tmz" "$PROGRAMS/holes" many_events
code=$?
cp full/t.tmz* .
exit $code
END
status out err unshare -m sh within.sh
if [ "$status" = 77 ] || [ ! -f t.tmz ]; then
	skip "hole 14, short writes: nothing can be mounted here"
else
	expect "hole 14: the program goes on where the disk is full" equal "$status" 0
	info t.tmz quality.damaged_chunks >/dev/null
	expect "hole 14: nothing in the trace is half-written" equal "$(check get info.json quality.damaged_chunks)" 0
	expect "hole 14: each event is there or counted as lost" equal "$(($(check get info.json events.allocations) +
		$(check get info.json events.frees) + $(check get info.json quality.lost_events)))" 500000
	expect "hole 14: and some were lost" test "$(check get info.json quality.lost_events)" -gt 0
fi

hole 15 layout
live 0
peer_leaks 0
