# What is readable is shown, after a warning.
for trace in cut damaged killed; do
	"$TMTRACE" stats "$TRACES/$trace.tmz"
	echo $?
done
