# Sessions, a name of a domain, and a peak that was reset.
for moment in '@mark:before the stop' '@peak' ''; do
	"$TMTRACE" stats "$TRACES/sessions.tmz$moment" -g domain
done
"$TMTRACE" stats "$TRACES/sessions.tmz" -g domain --format json
"$TMTRACE" stats "$TRACES/sessions.tmz" -g traceback --domain-filter include,7
"$TMTRACE" snapshot "$TRACES/sessions.tmz@mark:before the stop" -o kept.tmz
"$TMTRACE" stats kept.tmz -g domain --format plain
"$TMTRACE" info "$TRACES/sessions.tmz"
"$TMTRACE" info --format json "$TRACES/sessions.tmz"
"$TMTRACE" dump "$TRACES/sessions.tmz"
