# --frames cuts tracebacks in tables too.
"$TMTRACE" stats "$TRACES/app.tmz" -g traceback -n 1 --frames 2
