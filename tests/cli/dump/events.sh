# Every event, one a line.
"$TMTRACE" dump "$TRACES/small.tmz"
"$TMTRACE" dump "$TRACES/odd.tmz" -o out
cat out
"$TMTRACE" dump "$TRACES/small.tmz@peak"
