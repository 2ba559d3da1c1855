# Filters are repeated in words.
"$TMTRACE" stats "$TRACES/small.tmz" --filter 'include,pattern=*walk*' \
	--filter include,lineno=40,all-frames,domain=3,pattern=/src/pool.c --domain-filter exclude,9
"$TMTRACE" stats "$TRACES/small.tmz" --filter 'exclude,pattern=*pool*'
"$TMTRACE" stats "$TRACES/small.tmz" --domain-filter include,3
"$TMTRACE" stats "$TRACES/small.tmz" --filter include,pattern=nothing
