# Bold from 10 %, dim below 1 %, own code underlined; links only where asked for.
COLUMNS=100 "$TMTRACE" stats "$TRACES/app.tmz" --color always | cat -v
"$TMTRACE" stats "$TRACES/app.tmz" --color=always --hyperlink -n 1 | cat -v
"$TMTRACE" stats "$TRACES/app.tmz" --color=always -g traceback -n 1 | cat -v
NO_COLOR=1 "$TMTRACE" stats "$TRACES/app.tmz" --hyperlink -n 1 | cat -v
