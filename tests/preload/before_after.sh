# shellcheck shell=sh
# Allocations before main and after the last destructor are there, each under its line.
recorded before_after "$PROGRAMS/before_after"
"$TMTRACE" stats trace.*.tmz --format json >stats.json
while read -r _ size line moment; do
	file=before_after.cc
	[ "$size" != 1011 ] || file=liblate.c
	expect "$moment" check site stats.json "$file" "$line" 1 "$size"
done <plain.out
