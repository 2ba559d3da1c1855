# - is standard input.
"$TMTRACE" stats - <"$TRACES/small.tmz"
"$TMTRACE" stats -g function -- -@peak <"$TRACES/small.tmz"
