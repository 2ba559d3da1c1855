# Two moments of one process are one row, two processes are two.
"$TMTRACE" diff "$TRACES/app.tmz@peak" "$TRACES/app.tmz@end" -g process
"$TMTRACE" diff "$TRACES/old.tmz" "$TRACES/new.tmz" -g process
