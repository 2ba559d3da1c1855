# shellcheck shell=sh
# Whatever ends the process, the events of calls that had returned are in the trace or its journal.
killed() { /usr/bin/python3 -I "$SOURCE/tests/preload/kill.py" "$@"; }
killed "${KILLS:-100}" 1
killed "${KILLS:-100}" 4
for word in abort segv _exit; do
	killed 3 1 "$word" 2>/dev/null
	killed 3 4 "$word" 2>/dev/null
done
