# What is damaged is left out, said, and counted in the new trace; the new one is clean.
for trace in small cut damaged killed odd; do
	"$TMTRACE" dump "$TRACES/$trace.tmz" 2>err >before
	"$TMTRACE" recover "$TRACES/$trace.tmz" -o "$trace.tmz"
	echo $?
	"$TMTRACE" verify "$trace.tmz"
	"$TMTRACE" dump "$trace.tmz" | cmp - before
	"$TMTRACE" info "$trace.tmz" --format json | grep -o '"complete":[a-z]*\|"lost_events":[0-9]*'
	"$TMTRACE" recover "$trace.tmz" -o again.tmz
	"$TMTRACE" dump again.tmz | cmp - before
done
