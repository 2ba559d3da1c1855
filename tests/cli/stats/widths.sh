# Narrower: source text goes, then bars, then averages, then names get shorter; numbers never.
for columns in 200 120 100 80 60 40; do
	echo "$columns columns"
	COLUMNS=$columns "$TMTRACE" stats "$TRACES/cpp.tmz"
	COLUMNS=$columns "$TMTRACE" stats "$TRACES/cpp.tmz" -g function
	COLUMNS=$columns "$TMTRACE" stats "$TRACES/cpp.tmz" -g traceback -n 3
done
