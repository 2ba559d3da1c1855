# A snapshot stands alone, has the same statistics, and filters can be chained.
"$TMTRACE" snapshot "$TRACES/app.tmz@peak" -o peak.tmz
COLUMNS=100 "$TMTRACE" stats peak.tmz -n 3
"$TMTRACE" info peak.tmz
for key in lineno filename traceback function module domain thread; do
	"$TMTRACE" stats "$TRACES/app.tmz@peak" -g "$key" --format csv >a
	"$TMTRACE" stats peak.tmz -g "$key" --format csv | cmp - a
done
"$TMTRACE" snapshot peak.tmz -o one.tmz --filter 'include,all-frames,pattern=*/parse.c'
"$TMTRACE" snapshot one.tmz -o one.tmz --filter 'exclude,pattern=*/hash.c'
"$TMTRACE" stats one.tmz
"$TMTRACE" diff one.tmz peak.tmz -n 2
"$TMTRACE" snapshot absent -o two.tmz
"$TMTRACE" snapshot peak.tmz -o two.tmz --filter foo
ls
