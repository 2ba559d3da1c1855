# Chunks that are gone without a trace: those behind them in the stream tell that they were there.
cat >many.txt <<'EOF'
process pid=7 exe=/bin/x time=1000000000
thread 1 7
alloc 0x100 24
time 1
chunk
alloc 0x200 24
time 2
chunk
alloc 0x300 24
time 3
chunk
alloc 0x400 24
time 4
EOF
"$MAKE_TRACE" many.txt whole.tmz
offset() { LC_ALL=C grep -abo TMZC whole.tmz | sed -n "$1s/:.*//p"; }
without() { head -c "$(offset "$1")" whole.tmz && tail -c +$(($(offset "$2") + 1)) whole.tmz; }
for last in 5 6; do
	without 4 "$last" >cut.tmz
	"$TMTRACE" verify cut.tmz
	echo $?
done
