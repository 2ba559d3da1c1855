# Every key.
for key in filename traceback function module domain thread; do
	"$TMTRACE" diff "$TRACES/old.tmz" "$TRACES/new.tmz" -g "$key"
done
"$TMTRACE" diff "$TRACES/small.tmz@peak" "$TRACES/small.tmz" --cumulative
