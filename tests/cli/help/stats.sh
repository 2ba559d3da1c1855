# The options of a command.
"$TMTRACE" help stats
"$TMTRACE" stats absent --help >other
"$TMTRACE" help stats | cmp - other
