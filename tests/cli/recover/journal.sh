# A killed program's trace and journal become one trace that needs none and says the same.
for trace in live torn; do
	"$TMTRACE" dump "$TRACES/$trace.tmz" >before
	"$TMTRACE" stats "$TRACES/$trace.tmz" -b | tail -n +2 >stats
	"$TMTRACE" recover "$TRACES/$trace.tmz" -o "$trace.tmz"
	"$TMTRACE" verify "$trace.tmz"
	"$TMTRACE" dump "$trace.tmz" | cmp - before
	"$TMTRACE" stats "$trace.tmz" -b | tail -n +2 | cmp - stats
	"$TMTRACE" recover "$trace.tmz" -o again.tmz
	cmp "$trace.tmz" again.tmz
done
"$TMTRACE" stats live.tmz -g thread
"$TMTRACE" info live.tmz --format json | grep -o '"complete":.*,"dur'
"$TMTRACE" info "$TRACES/live.tmz" --format json | grep -o '"complete":.*,"dur'
"$TMTRACE" info "$TRACES/torn.tmz" | sed -n '1s/, [0-9]* B.*//; 1,4p'
