# Chunks that are gone without a trace: those behind them in the stream tell that they were there.
cp "$TRACES/chunks.tmz" whole.tmz
offset() { LC_ALL=C grep -abo TMZC whole.tmz | sed -n "$1s/:.*//p"; }
without() { head -c "$(offset "$1")" whole.tmz && tail -c +$(($(offset "$2") + 1)) whole.tmz; }
for last in 5 6; do
	without 4 "$last" >cut.tmz
	"$TMTRACE" verify cut.tmz
	echo $?
done
