# shellcheck shell=sh
# Handlers that allocate while they interrupt the hooks, over an allocator that may be interrupted.
BEHIND=$PROGRAMS/libbump.so
recorded "a handler that returns" "$PROGRAMS/signals_in_malloc"
same "a handler that jumps" "$PROGRAMS/signals_in_malloc" jump
"$TMTRACE" stats trace.*.tmz --format json >stats.json
line=$(grep -n 'malloc(777)' "$SOURCE/tests/programs/signals_in_malloc.c" | cut -d: -f1)
expect "after jumps out of the hooks recording goes on, with stacks" \
	check site stats.json signals_in_malloc.c "$line" 1000 777000
BEHIND=
