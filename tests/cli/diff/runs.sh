# Two runs that differ in one place, at other addresses.
"$TMTRACE" diff "$TRACES/old.tmz" "$TRACES/new.tmz"
"$TMTRACE" diff "$TRACES/old.tmz" "$TRACES/new.tmz" -n 1
"$TMTRACE" diff "$TRACES/old.tmz" "$TRACES/new.tmz" -n 0
"$TMTRACE" diff "$TRACES/new.tmz" "$TRACES/old.tmz"
"$TMTRACE" diff "$TRACES/old.tmz" "$TRACES/old.tmz"
