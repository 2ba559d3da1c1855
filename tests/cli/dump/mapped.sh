# Mappings and what goes of them.
"$TMTRACE" dump "$TRACES/mapped.tmz"
