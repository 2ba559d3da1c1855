# --full-names shortens nothing, however narrow it is.
COLUMNS=80 "$TMTRACE" stats "$TRACES/cpp.tmz" --full-names
COLUMNS=80 "$TMTRACE" stats "$TRACES/cpp.tmz" --full-names -g function --show-allocators
