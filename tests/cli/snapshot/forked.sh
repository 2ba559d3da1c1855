# A snapshot holds what was inherited, and needs no other trace for it; a copy of the trace refers to it.
cp "$TRACES/forked_parent.tmz" "$TRACES/forked_child.tmz" .
"$TMTRACE" snapshot forked_child.tmz@start -o start.tmz
"$TMTRACE" symbolize forked_child.tmz -o named.tmz
"$TMTRACE" recover forked_child.tmz -o clean.tmz
# The parent's without names: those of the symbolized one do for what was inherited, too.
sed 's/ \(listen\.c\|load\.c\|main\.c\):.*//' "$CLI/traces/forked_parent.txt" >text
"$MAKE_TRACE" text forked_parent.tmz
for trace in forked_child named clean; do
	"$TMTRACE" stats "$trace.tmz@start"
done
rm forked_parent.tmz
"$TMTRACE" stats start.tmz
"$TMTRACE" stats -g thread start.tmz
"$TMTRACE" stats -g domain start.tmz
"$TMTRACE" info start.tmz
"$TMTRACE" stats named.tmz
"$TMTRACE" verify start.tmz
