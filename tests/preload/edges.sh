# shellcheck shell=sh
# Ways out of a process and into a hook that are easy to forget; tests/programs/edges.c.
edge() {
	rm -f ./*.tmz*
	status edge.out edge.err env LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/edge.tmz" "$PROGRAMS/edges" "$1"
	expect "edges $1 ends with status 0" test "$status" = 0
	"$TMTRACE" info edge.tmz --format json >edge.json
}
number() { check get edge.json "$1"; }

edge daemon
expect "what the parent of daemon(3) allocated is there" test "$(number events.allocations)" -ge 1000
expect "and its trace is complete" equal "$(number complete)" true
edge exec
expect "a handler's failing exec damages nothing" equal "$(number quality.damaged_chunks)" 0
expect "and what it costs is counted" test "$(number events.allocations)" -ge \
	"$((1000000 - $(number quality.lost_events)))"
edge keys
expect "threads that only free in a key destructor are recorded" test "$(number events.frees)" -ge 3000
expect "and no free is unknown" equal "$(number quality.unknown_frees)" 0
edge stack
expect "an alternate stack of 6 KiB is enough" test "$(number events.allocations)" -ge 1
edge name
"$TMTRACE" stats edge.tmz --group-by thread --format csv >threads.csv
refuse "a thread keeps its own name whoever ends the process" grep -q killer threads.csv
