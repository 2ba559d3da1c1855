# The formats for programs.
"$TMTRACE" diff "$TRACES/old.tmz" "$TRACES/new.tmz" --format plain
"$TMTRACE" diff "$TRACES/old.tmz" "$TRACES/new.tmz" --format csv
"$TMTRACE" diff "$TRACES/old.tmz@end" "$TRACES/new.tmz@1s" --format json
"$TMTRACE" diff "$TRACES/old.tmz" "$TRACES/new.tmz" --format json -g module -n 1
"$TMTRACE" diff "$TRACES/old.tmz" "$TRACES/new.tmz" --format traceback -g traceback -n 2
