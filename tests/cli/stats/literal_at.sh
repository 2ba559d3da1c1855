# A file whose name holds an @ is taken first.
cp "$TRACES/small.tmz" small@peak
"$TMTRACE" stats small@peak -n 1
"$TMTRACE" stats small@peak@start
