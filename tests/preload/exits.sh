# shellcheck shell=sh
# Every way for a process to end: it ends as untraced, and nothing is lost.
for how in return exit _exit _Exit quick_exit execfail exec execle fexecve execveat pthread_exit thread; do
	recorded "$how" "$PROGRAMS/exits" "$how"
done
# Its other threads go on to the last moment: the counter and the recorder may each miss their last call.
same busy "$PROGRAMS/exits" busy
expect "busy: the trace is complete" equal "$(info "$(echo trace.*.tmz)" complete)" true
expect "busy: nothing before the end is lost" test "$(info "$(echo trace.*.tmz)" events.allocations)" -ge 20000
for how in abort kill segv; do
	same "$how" "$PROGRAMS/exits" "$how"
	trace=$(echo trace.*.tmz)
	if [ ! -f "$trace" ]; then
		not_ok "$how: there is a trace"
		continue
	fi
	expect "$how: the trace can be read" "$TMTRACE" stats "$trace"
	if [ "$(info "$trace" kill_safe)" = true ]; then
		expect "$how: nothing is lost" equal "$(info "$trace" events.allocations)" 10000
		expect "$how: it is not called complete" equal "$(info "$trace" complete)" false
	else
		skip "$how: blocks do not survive a kill yet"
	fi
done
