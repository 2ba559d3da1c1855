# The default table, 100 columns wide, in UTF-8.
COLUMNS=100 "$TMTRACE" stats "$TRACES/app.tmz"
