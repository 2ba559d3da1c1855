# A full disk is an error, standard output closed without need is none.
"$TMTRACE" stats "$TRACES/small.tmz" >/dev/full
echo $?
"$TMTRACE" stats "$TRACES/small.tmz" >&-
echo $?
"$TMTRACE" stats "$TRACES/small.tmz" -o out >&-
echo $?
