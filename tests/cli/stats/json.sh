# JSON.
for key in lineno filename traceback function module domain thread; do
	"$TMTRACE" stats "$TRACES/small.tmz@peak" --format json -g "$key"
done
"$TMTRACE" stats "$TRACES/small.tmz" --format json -n 1 --cumulative
"$TMTRACE" stats "$TRACES/empty.tmz" --format json
