# No such moment: wrong usage if it is none, failure if it is not in the trace.
for moment in @pek @ @event:x @12.5 @mark: @event:99 @9s @mark:nope @mark:half#2; do
	"$TMTRACE" stats "$TRACES/small.tmz$moment"
	echo "$moment $?"
done
