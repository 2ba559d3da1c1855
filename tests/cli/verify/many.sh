# Several kinds of damage in one file; the newest trace is taken.
cp "$TRACES/chunks.tmz" tmtrace.many.1.tmz
"$TMTRACE" verify
offset() { LC_ALL=C grep -abo TMZC tmtrace.many.1.tmz | sed -n "$1s/:.*//p"; }
damage() { printf '\377' | dd of=tmtrace.many.1.tmz bs=1 seek="$1" conv=notrunc 2>/dev/null; }
third=$(offset 4) last=$(offset 7)
damage $((third + 70))
damage $((last + 66))
damage $(($(offset 5) + 5))
"$TMTRACE" verify -o report
echo $?
sed 's/[0-9][0-9]* bytes are no chunk */N bytes are no chunk  /; s/^\(  *[0-9]\)  *[0-9]*  /\1  OFFSET  /' report
"$TMTRACE" info tmtrace.many.1.tmz | sed -n '1s/, [0-9]* B.*//p'
"$TMTRACE" recover tmtrace.many.1.tmz -o clean.tmz
"$TMTRACE" verify clean.tmz
