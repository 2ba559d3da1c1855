# Every other key.
for key in filename module domain thread process; do
	"$TMTRACE" stats "$TRACES/app.tmz" -g "$key"
done
