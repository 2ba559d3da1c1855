# Where the locale has no UTF-8, bars are of #.
LC_ALL=C COLUMNS=100 "$TMTRACE" stats "$TRACES/app.tmz" -n 4
