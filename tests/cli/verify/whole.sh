# One line and status 0 where all is there: a clean trace, and killed ones with their journals.
for trace in small live torn empty; do
	"$TMTRACE" verify "$TRACES/$trace.tmz"
	echo $?
done
"$TMTRACE" verify - <"$TRACES/small.tmz"
"$TMTRACE" verify "$TRACES/small.tmz@peak"
