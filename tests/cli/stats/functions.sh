# Own and total of functions at the peak.
COLUMNS=100 "$TMTRACE" stats "$TRACES/app.tmz@peak" -g function -n 4
