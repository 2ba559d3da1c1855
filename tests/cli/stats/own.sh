# --own says what one's own code is; without, system headers are not.
"$TMTRACE" stats "$TRACES/app.tmz" -g traceback -n 1 --own '*libc*'
"$TMTRACE" stats "$TRACES/app.tmz" -g traceback -n 1 --own '*batch.c' --own nothing
"$TMTRACE" stats "$TRACES/cpp.tmz" -g traceback -n 3 --show-allocators
