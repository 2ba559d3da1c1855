# shellcheck shell=sh
# Handlers between the instructions of a hook: between any two with STEPPED=1, here between some.
stepped() {
	case $1 in
	free | *-in-vain) stride=${STEPPED:-$2} ;;
	*) stride=${STEPPED:-$(($2 * 9))} ;;
	esac
	"$3" "$1, and a handler that does $4" "$PROGRAMS/stepped" "$1" "$4" "$stride"
}
nothing_lost() {
	for fact in lost_events order_conflicts damaged_chunks; do
		expect "a handler that does $1 within $2: no $fact" \
			equal "$(info "$(echo trace.*.tmz)" "quality.$fact")" 0
	done
}
# What the child's event was, it does not know; the parent's own are all there.
parent_is_whole() {
	for trace in trace.*.tmz; do
		"$TMTRACE" info --format json "$trace" >info.json
		grep -q '"forked_from"' info.json || break
	done
	for fact in lost_events order_conflicts unknown_frees; do
		expect "a handler that forks within $1 and ${2}s: no $fact" \
			equal "$(check get info.json "quality.$fact")" 0
	done
}
for call in malloc free realloc realloc-in-vain mmap munmap-in-vain; do
	stepped $call 17 recorded allocate
	stepped $call 17 recorded exec
	stepped $call 17 recorded map
	for then in fork return; do
		stepped $call 37 same $then
		parent_is_whole $call $then
	done
	stepped $call 17 same restart
	nothing_lost restart $call
	expect "and no free is unknown" equal "$(info "$(echo trace.*.tmz)" quality.unknown_frees)" 0
	stepped $call 17 same jump
	nothing_lost jump $call
done
