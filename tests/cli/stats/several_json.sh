# Each trace has its moment and its total; the rows are of all of them.
"$TMTRACE" stats "$TRACES/old.tmz" "$TRACES/new.tmz@event:3" --format json -n 1
"$TMTRACE" stats "$TRACES/old.tmz" "$TRACES/new.tmz" --format json -g process
"$TMTRACE" stats "$TRACES/old.tmz" "$TRACES/new.tmz" --format csv -g filename
