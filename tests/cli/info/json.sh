# As JSON.
"$TMTRACE" info "$TRACES/app.tmz" --format json
"$TMTRACE" info "$TRACES/small.tmz" --format json
