# Several traces are one table; domains with one name and number are one row, threads never.
for key in lineno process thread domain; do
	"$TMTRACE" stats "$TRACES/app.tmz@peak" "$TRACES/old.tmz" "$TRACES/new.tmz" "$TRACES/small.tmz@start" -n 6 -g "$key"
done
"$TMTRACE" stats "$TRACES/old.tmz" "$TRACES/new.tmz" -g function
"$TMTRACE" stats "$TRACES/old.tmz" "$TRACES/new.tmz" --cumulative --filter 'include,pattern=*leak.c'
"$TMTRACE" stats "$TRACES/old.tmz@peak" "$TRACES/new.tmz@peak" -g traceback -n 2 -b
"$TMTRACE" stats "$TRACES/old.tmz" - --format plain -g process <"$TRACES/new.tmz"
"$TMTRACE" stats "$TRACES/old.tmz" "$TRACES/new.tmz" --format traceback -g traceback -n 1
