# shellcheck shell=sh
# What might hang under the library, see tests/programs/deadlocks.c, a few runs each; `make deadlocks` makes 100.
# A run that takes a minute shows its stacks and fails. Its processes are named by the counter's files.
runs=${DEADLOCK_RUNS:-1} seconds=60

# watched COMMAND...: run by traced; 124 if it hangs.
watched() {
	(traced "$@") >traced.out 2>traced.err </dev/null &
	watched=$! waited=0
	while kill -0 $watched 2>/dev/null && [ $waited -lt $((seconds * 50)) ]; do
		sleep 0.02
		waited=$((waited + 1))
	done
	if [ $waited -eq $((seconds * 50)) ]; then
		show_stacks $watched
		kill -9 $watched
	fi
	status=0
	wait $watched || status=$?
}

show_stacks() {
	if have gdb; then
		timeout 30 gdb -batch -p "$1" -ex 'thread apply all backtrace' 2>/dev/null
	else
		head -n 1 /proc/"$1"/task/*/syscall
	fi | sed 's/^/    /'
}

# deadlock CASE OTHER: the fact is told once for all runs; what failed is shown.
deadlock() {
	fact="$1 while another thread ${2}s ($runs times) ends, complete and exact" run=0 BEHIND=
	case $1 in handler | async | jump) BEHIND=$PROGRAMS/libbump.so ;; esac
	while [ $run -lt "$runs" ]; do
		rm -f count.* trace.*
		watched "$PROGRAMS/deadlocks" "$1" "$2"
		if [ "$status" -ne 0 ] || ! cmp -s traced.out expected || ! whole "$1" >whole.out 2>&1; then
			not_ok "$fact (run $run, status $status)"
			cat traced.err whole.out 2>/dev/null | sed 's/^/    /' | head -n 20
			return 0
		fi
		run=$((run + 1))
	done
	ok "$fact"
}

# A child may be forked while other threads are in the midst of calls. A thread that a cancel or a jump
# takes out of malloc is in the counter, or in the trace, or in neither.
whole() {
	case $1 in
	async | jump) check whole count trace ;;
	*) check forked count trace ;;
	esac
}

echo 'done' >expected
for case in iterate atfork handler end cancel async jump stack altstack; do
	deadlock $case fork
	deadlock $case load
done
BEHIND=
