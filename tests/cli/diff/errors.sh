# Usage, and either trace missing.
"$TMTRACE" diff "$TRACES/old.tmz"
echo $?
"$TMTRACE" diff "$TRACES/old.tmz" absent
echo $?
"$TMTRACE" diff absent "$TRACES/old.tmz@bogus"
echo $?
