# What the total is made of where that is more than the heap.
"$TMTRACE" info "$TRACES/mapped.tmz"
"$TMTRACE" info "$TRACES/mapped.tmz" --format json | grep -A1 domains
