# shellcheck shell=sh
# Blocks that pass between threads: the order of all events must be that of the program.
ordered() { expect "$1: $2 is 0" equal "$(info "$(echo trace.*.tmz)" "quality.$2")" 0; }
for threads in "4 550000" "2 100000" "16 20000"; do
	# shellcheck disable=SC2086
	recorded "handover $threads" "$PROGRAMS/handover" $threads
	ordered "handover $threads" unknown_frees
	ordered "handover $threads" order_conflicts
done
