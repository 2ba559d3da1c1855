# Two-sided bars without UTF-8, narrow and with colour.
LC_ALL=C COLUMNS=100 "$TMTRACE" diff "$TRACES/app.tmz@peak" "$TRACES/app.tmz"
COLUMNS=60 "$TMTRACE" diff "$TRACES/app.tmz@peak" "$TRACES/app.tmz" -n 3
COLUMNS=100 "$TMTRACE" diff "$TRACES/old.tmz" "$TRACES/new.tmz" --color always | cat -v
