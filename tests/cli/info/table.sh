# What was recorded, wide, narrow and piped.
COLUMNS=100 "$TMTRACE" info "$TRACES/app.tmz"
LC_ALL=C COLUMNS=80 "$TMTRACE" info "$TRACES/app.tmz"
"$TMTRACE" info -b "$TRACES/app.tmz"
