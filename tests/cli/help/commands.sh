# The list of commands.
"$TMTRACE" help
"$TMTRACE" help >list; "$TMTRACE" --help | cmp - list
"$TMTRACE" --version | sed 's/ [0-9.]*$/ VERSION/'
