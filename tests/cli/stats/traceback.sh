# Traceback.format().
mkdir src
printf 'one\n\n\tthree();  \n' >src/a.c
"$TMTRACE" stats "$TRACES/small.tmz" --format traceback -g traceback
"$TMTRACE" stats "$TRACES/small.tmz" --format traceback -g traceback --frames 2
"$TMTRACE" stats "$TRACES/small.tmz" --format traceback -g traceback --frames=-1 --most-recent-first
"$TMTRACE" stats "$TRACES/small.tmz" --format traceback -g traceback --frames 0
"$TMTRACE" stats "$TRACES/small.tmz" --format traceback
"$TMTRACE" stats "$TRACES/small.tmz" --format traceback -g thread
