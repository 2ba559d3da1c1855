# Whole tracebacks; > marks the first frame of one's own code.
COLUMNS=100 "$TMTRACE" stats "$TRACES/app.tmz" -g traceback -n 2
