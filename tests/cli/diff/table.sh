# From the peak to the end of one trace.
COLUMNS=100 "$TMTRACE" diff "$TRACES/app.tmz@peak" "$TRACES/app.tmz@end"
