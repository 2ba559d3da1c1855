# Code that a perf map names.
"$TMTRACE" stats "$TRACES/jit.tmz"
for key in function module; do
	"$TMTRACE" stats "$TRACES/jit.tmz" -g "$key"
done
"$TMTRACE" stats "$TRACES/jit.tmz" --format plain
"$TMTRACE" stats "$TRACES/jit.tmz" --cumulative --format csv
"$TMTRACE" snapshot "$TRACES/jit.tmz" -o jit.tmz
"$TMTRACE" stats jit.tmz --format plain
"$TMTRACE" info "$TRACES/jit.tmz"
"$TMTRACE" info jit.tmz
"$TMTRACE" verify "$TRACES/jit.tmz"
