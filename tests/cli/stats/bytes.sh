# -b gives exact bytes.
"$TMTRACE" stats "$TRACES/app.tmz" -n 3 -b
"$TMTRACE" stats --bytes -g traceback "$TRACES/app.tmz" -n 1
