# shellcheck shell=sh
# Threads that free each other's blocks: every event counted, no order but the true one, what lives is exact.
# `make storm` sets both to what takes minutes.
runs=${STORM_RUNS:-1} millions=${STORM_MILLIONS:-2}

told() { check get info.json "$1"; }

# storm THREADS MILLIONS SEED: records one and sets $over, what the trace has beyond what the storm counts itself.
storm() {
	rm -f trace.*
	status out truth env LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/trace.tmz" "$PROGRAMS/storm" "$@"
	# shellcheck disable=SC2154  # of the prelude
	expect "storm $* ends with status 0" test "$status" = 0
	expect "storm $* is recorded" info trace.tmz events.all
	# shellcheck disable=SC2046
	set -- $(sed -n 's/^truth //p' truth)
	over="$(($(told events.allocations) - $1)) $(($(told events.frees) - $2)) $(($(told events.allocated_bytes) - $3))"
	over="$over $(($(told live.count) - $4)) $(($(told live.size) - $5))"
}

for threads in 2 4 16; do
	storm "$threads" 0 1
	# What pthread_create allocates: the same however long the storm.
	calm=$over
	seed=1
	while [ "$seed" -le "$runs" ]; do
		storm "$threads" "$millions" "$seed"
		name="storm of $threads threads, $millions million events, seed $seed"
		expect "$name: allocations, frees, bytes and live blocks are exact" equal "$over" "$calm"
		for wrong in unknown_frees order_conflicts lost_events; do
			expect "$name: $wrong is 0" equal "$(told "quality.$wrong")" 0
		done
		seed=$((seed + 1))
	done
done
