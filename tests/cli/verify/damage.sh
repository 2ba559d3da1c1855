# What is damaged is listed, with status 1.
for trace in cut damaged killed; do
	"$TMTRACE" verify "$TRACES/$trace.tmz" >report
	echo $?
	sed 's/^\(  *[0-9]\)  *[0-9]*  /\1  OFFSET  /' report
done
# Without its journal, and one that was damaged: 0xff is no event.
cp "$TRACES/live.tmz" alone.tmz
"$TMTRACE" verify alone.tmz
cp "$TRACES/live.tmz" "$TRACES/live.tmz.live" .
printf '\377' | dd of=live.tmz.live bs=1 seek=$((4096 + 64)) conv=notrunc 2>/dev/null
"$TMTRACE" verify live.tmz
printf '\377' | dd of=live.tmz.live bs=1 seek=26 conv=notrunc 2>/dev/null
"$TMTRACE" verify live.tmz
"$TMTRACE" stats live.tmz | head -1
"$TMTRACE" verify "$TRACES/nothing.tmz"
