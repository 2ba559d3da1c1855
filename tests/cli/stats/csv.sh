# CSV.
"$TMTRACE" stats "$TRACES/small.tmz" --format csv
"$TMTRACE" stats "$TRACES/small.tmz" --format csv -g traceback
"$TMTRACE" stats "$TRACES/odd.tmz" --format csv
"$TMTRACE" stats "$TRACES/small.tmz" --format csv -g domain
