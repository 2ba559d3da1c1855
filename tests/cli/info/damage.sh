# Incomplete, cut, damaged, empty.
for trace in killed cut damaged empty odd; do
	"$TMTRACE" info "$TRACES/$trace.tmz"
done
