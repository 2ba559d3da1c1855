# shellcheck shell=sh
# tests/programs: each behaves as untraced and is counted exactly.
recorded family "$PROGRAMS/family"
# shellcheck disable=SC2046
set -- $(sed -n 's/^truth //p' plain.out)
trace=$(echo trace.*.tmz)
expect "its allocations" equal "$(info "$trace" events.allocations)" "$1"
expect "its frees" equal "$(info "$trace" events.frees)" "$2"
expect "its bytes" equal "$(info "$trace" events.allocated_bytes)" "$3"
expect "its live blocks" equal "$(check get info.json domains.0.count)" "$4"
expect "its live bytes" equal "$(check get info.json domains.0.size)" "$5"
recorded "family libc" "$PROGRAMS/family" libc
recorded "short_threads" "$PROGRAMS/short_threads"
recorded "cxx_plugin" "$PROGRAMS/cxx_plugin"
recorded "small_stack" "$PROGRAMS/small_stack"
recorded "errno" "$PROGRAMS/errno"
recorded "fds" "$PROGRAMS/fds"
same "fds full" "$PROGRAMS/fds" full
expect "fds full: what was lost is told, event for event" equal "$(check counter count.* | sed 's/.*"allocations": \([0-9]*\), "frees": \([0-9]*\).*/\1 \2/' | awk '{ print $1 + $2 }')" \
	"$(($(info "$(echo trace.*.tmz)" events.allocations) + $(info "$(echo trace.*.tmz)" events.frees) + $(info "$(echo trace.*.tmz)" quality.lost_events)))"
recorded "deep" "$PROGRAMS/deep"
expect "deep: no stack is cut" equal "$(info "$(echo trace.*.tmz)" quality.truncated_tracebacks)" 0
