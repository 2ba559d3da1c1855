# A forked child begins with what it inherited; so does its own child.
"$TMTRACE" stats "$TRACES/forked_child.tmz@start"
"$TMTRACE" stats "$TRACES/forked_child.tmz@peak"
"$TMTRACE" stats "$TRACES/forked_child.tmz"
"$TMTRACE" stats -g thread "$TRACES/forked_child.tmz"
"$TMTRACE" stats -g domain "$TRACES/forked_grandchild.tmz"
"$TMTRACE" stats -g thread "$TRACES/forked_grandchild.tmz@start"
"$TMTRACE" stats -g traceback "$TRACES/forked_grandchild.tmz@start"
"$TMTRACE" diff "$TRACES/forked_child.tmz@start" "$TRACES/forked_child.tmz@end"
"$TMTRACE" object "$TRACES/forked_child.tmz" 0x2001
"$TMTRACE" export "$TRACES/forked_grandchild.tmz"
"$TMTRACE" dump "$TRACES/forked_child.tmz"
