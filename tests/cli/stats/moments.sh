# Moments: start, event, time, marks, peak.
for moment in @start @event:0 @event:1 @0.5s @0s @mark:half @mark:half#1 @peak @end; do
	"$TMTRACE" stats "$TRACES/small.tmz$moment"
done
