# Of a forked child: where it comes from, what it inherited, and what is missing of that.
"$TMTRACE" info "$TRACES/forked_grandchild.tmz"
"$TMTRACE" info --format json "$TRACES/forked_child.tmz" | grep -o '"forked_from.*\|"quality":.*"missing_inherited_events":[0-9]*'
cp "$TRACES"/forked_*.tmz .
mkdir apart
# Nothing but the recorded path is known of what comes from standard input.
"$TMTRACE" info - <forked_child.tmz | grep 'forked\|quality'
mv forked_parent.tmz apart
for trace in forked_child forked_grandchild; do
	"$TMTRACE" info "$trace.tmz" | grep 'forked\|activity\|quality'
	"$TMTRACE" info --format json "$trace.tmz" 2>/dev/null | grep -o '"forked_from.*\|"inherited_frees":[0-9]*\|"missing.*events":[0-9]*'
	"$TMTRACE" verify "$trace.tmz"
done
# One of the same name that is another trace, none at all, or nothing that could be read.
cp "$TRACES/app.tmz" forked_parent.tmz
"$TMTRACE" info forked_child.tmz | grep forked
echo text >forked_parent.tmz
"$TMTRACE" info forked_child.tmz | grep forked
rm forked_parent.tmz
mkfifo forked_parent.tmz
"$TMTRACE" info forked_child.tmz | grep forked
rm forked_parent.tmz
# Damaged, the same recovered, still in its journal, and without that.
sed 's/^alloc 0x4000/flip 6\n&/' "$CLI/traces/forked_parent.txt" >text
"$MAKE_TRACE" text forked_parent.tmz
"$TMTRACE" info forked_child.tmz | grep 'forked\|quality'
mv forked_parent.tmz damaged.tmz
"$TMTRACE" recover damaged.tmz -o forked_parent.tmz 2>/dev/null
"$TMTRACE" info forked_child.tmz | grep 'forked\|quality'
sed 's/^time 2/chunk\n&/; $a kill' "$CLI/traces/forked_parent.txt" >text
"$MAKE_TRACE" text forked_parent.tmz
"$TMTRACE" info forked_child.tmz | grep 'forked\|quality'
rm forked_parent.tmz.live
"$TMTRACE" info forked_child.tmz | grep 'forked\|quality'
