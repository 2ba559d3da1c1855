# str(Statistic).
for key in lineno filename traceback function module domain thread; do
	"$TMTRACE" stats "$TRACES/small.tmz" --format plain -g "$key"
done
"$TMTRACE" stats "$TRACES/app.tmz" --format plain
