# Piped and in the C locale: nothing cut, no bars, no colour, ASCII.
LC_ALL=C "$TMTRACE" stats "$TRACES/app.tmz" -n 2
