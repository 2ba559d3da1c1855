# Without a trace the newest one is taken, which is said.
"$TMTRACE" stats
echo $?
cp "$TRACES/small.tmz" tmtrace.b.2.tmz
cp "$TRACES/app.tmz" tmtrace.a.1.tmz
touch -d 2001-01-01 tmtrace.a.1.tmz
"$TMTRACE" stats -n 1
"$TMTRACE" stats @peak -n 1
