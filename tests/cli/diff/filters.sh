# Filters apply to both sides.
"$TMTRACE" diff "$TRACES/old.tmz" "$TRACES/new.tmz" --filter 'exclude,pattern=*/leak.c' -b
