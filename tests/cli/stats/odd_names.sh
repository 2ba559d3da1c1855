# Names that are no UTF-8, escapes, wide characters, quotes and newlines.
COLUMNS=100 "$TMTRACE" stats "$TRACES/odd.tmz"
LC_ALL=C "$TMTRACE" stats "$TRACES/odd.tmz"
"$TMTRACE" stats "$TRACES/odd.tmz" --format json
