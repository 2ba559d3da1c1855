# Every key of the JSON objects is in the man page.
sed -n '/^\.Ss Keys of JSON/,/^\.Sh/p' "$MAN/tmtrace.1" | tr -cs 'a-z_' '\n' >known
sed -n '/^Of several traces/,/^\.It Ic diff/p' "$MAN/tmtrace.1" | tr -cs 'a-z_' '\n' >>known
for trace in app.tmz cut.tmz forked_child.tmz forked_grandchild.tmz old.tmz; do
	"$TMTRACE" info "$TRACES/$trace" --format json
	"$TMTRACE" stats "$TRACES/$trace" -g function --format json
done >objects 2>errors
"$TMTRACE" diff "$TRACES/old.tmz" "$TRACES/new.tmz" --format json >>objects 2>>errors
"$TMTRACE" stats "$TRACES/old.tmz" "$TRACES/app.tmz" -g process --format json >>objects 2>>errors
grep -o '"[a-z_]*":' objects | tr -d '":' | sort -u >keys
test "$(wc -l <keys)" -gt 60 || cat keys errors
sort -u known | comm -13 - keys
