# Mapped memory: a part of the total, a domain of its own, and traces that were split.
"$TMTRACE" stats "$TRACES/mapped.tmz" -b
"$TMTRACE" stats "$TRACES/mapped.tmz@event:1" -b
"$TMTRACE" stats "$TRACES/mapped.tmz" --group-by domain
"$TMTRACE" stats "$TRACES/mapped.tmz" --domain-filter include,1 --group-by traceback --format plain
"$TMTRACE" stats "$TRACES/mapped.tmz" --domain-filter include,1 --group-by filename
"$TMTRACE" stats "$TRACES/mapped.tmz" --filter exclude,domain=1,pattern=*pool.c --domain-filter exclude,0
"$TMTRACE" stats "$TRACES/mapped.tmz" --group-by domain --format json
"$TMTRACE" export "$TRACES/mapped.tmz" --format jsonl
"$TMTRACE" snapshot "$TRACES/mapped.tmz" -o small.tmz
"$TMTRACE" stats small.tmz --group-by domain --format csv
"$TMTRACE" stats "$TRACES/mapped.tmz@peak" --group-by domain --format csv
