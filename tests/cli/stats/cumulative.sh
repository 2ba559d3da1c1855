# Every frame counts, as often as it occurs.
"$TMTRACE" stats "$TRACES/small.tmz" --cumulative
"$TMTRACE" stats "$TRACES/small.tmz" --cumulative -g filename
"$TMTRACE" stats "$TRACES/small.tmz" --cumulative -g function -n 1
