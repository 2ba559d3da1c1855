# What follows the program is the program's.
"$TMTRACE" run -o a.tmz printf '%s\n' -o b --help 2>/dev/null
"$TMTRACE" run -o a.tmz -- printf '%s\n' -- 2>/dev/null
"$TMTRACE" run --nframe 0 true
"$TMTRACE" run --nframe 65536 true
"$TMTRACE" run --group-by x true
LD_PRELOAD=libc.so.6 "$TMTRACE" run -o a.tmz sh -c 'echo "${LD_PRELOAD##*/}"' 2>/dev/null
