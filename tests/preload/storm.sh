# shellcheck shell=sh
# Threads that free each other's blocks: every event counted, no order but the true one, what lives is exact.
# `make storm` sets both to what takes minutes.
runs=${STORM_RUNS:-1} millions=${STORM_MILLIONS:-2}

# storm THREADS MILLIONS SEED: records one and sets $over, what the trace has beyond what the storm counts itself.
storm() {
	rm -f trace.*
	status out truth env LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/trace.tmz" "$PROGRAMS/storm" "$@"
	# shellcheck disable=SC2154  # of the prelude
	expect "storm $* ends with status 0" test "$status" = 0
	# shellcheck disable=SC2046
	set -- $(sed -n 's/^truth //p' truth)
	over="$(($(info trace.tmz events.allocations) - $1)) $(($(info trace.tmz events.frees) - $2))"
	over="$over $(($(info trace.tmz events.allocated_bytes) - $3)) $(($(info trace.tmz live.count) - $4))"
	over="$over $(($(info trace.tmz live.size) - $5))"
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
		expect "$name: no unknown free" equal "$(info trace.tmz quality.unknown_frees)" 0
		expect "$name: no order conflict" equal "$(info trace.tmz quality.order_conflicts)" 0
		expect "$name: nothing is lost" equal "$(info trace.tmz quality.lost_events)" 0
		seed=$((seed + 1))
	done
done
