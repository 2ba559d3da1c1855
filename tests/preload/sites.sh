# shellcheck shell=sh
# Every allocation site of a C++ program built with -g -O2 stands under its file and line.
recorded leak "$PROGRAMS/leak" --sites
"$TMTRACE" stats trace.*.tmz --format json --cumulative >stats.json
while read -r file line count bytes; do
	expect "$file:$line" check site stats.json "$file" "$line" "$count" "$bytes"
done <plain.out

# A return address is looked up in the call before it, an interrupted one as it is.
recorded "calls and interruptions at the edges of lines" "$PROGRAMS/call_sites"
"$TMTRACE" stats trace.*.tmz --format json --cumulative >stats.json
while read -r file line count bytes; do
	expect "$file:$line" check site stats.json "$file" "$line" "$count" "$bytes"
done <plain.out
