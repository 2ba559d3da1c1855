# Two builds in other folders are the same program once the folders are taken off.
sed 's|/src/|/build/one/|g; s|cwd=/src|cwd=/build/one|' "$CLI/traces/old.txt" >one.txt
sed 's|/src/|/build/two/|g; s|cwd=/src|cwd=/build/two|' "$CLI/traces/new.txt" >two.txt
"$MAKE_TRACE" one.txt one.tmz
"$MAKE_TRACE" two.txt two.tmz
"$TMTRACE" diff one.tmz two.tmz -n 3
"$TMTRACE" diff one.tmz two.tmz --strip-prefix /build/one --strip-prefix=/build/two/
"$TMTRACE" diff one.tmz two.tmz --strip-prefix /build/one --strip-prefix=/build/two/ -g module
"$TMTRACE" stats one.tmz --strip-prefix /build --filter 'include,pattern=one/leak.c' --format plain
