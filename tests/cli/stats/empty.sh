# A trace without events, and nothing left after filters.
"$TMTRACE" stats "$TRACES/empty.tmz"
"$TMTRACE" stats "$TRACES/empty.tmz" -g traceback
"$TMTRACE" stats "$TRACES/empty.tmz" --format csv
"$TMTRACE" stats "$TRACES/empty.tmz" --format plain
