# Options before and after operands, joined and apart; -- ends them.
cp "$TRACES/small.tmz" ./-n
"$TMTRACE" stats -n1 -g filename "$TRACES/small.tmz" -b
"$TMTRACE" stats "$TRACES/small.tmz" -bn 1 --group-by=filename
"$TMTRACE" stats -n 1 -g filename -- -n
