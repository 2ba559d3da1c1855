# The trace is created first, never over another, as private as can be; patterns are expanded.
run() { "$TMTRACE" run "$@" 2>/dev/null; }
"$TMTRACE" run -o absent/trace.tmz echo started
echo $?
run -o a.tmz true
run -o a.tmz true
ln -s target b.tmz
run -o b.tmz true
ls
stat -c '%a %F' a.tmz a.tmz.1 b.tmz.1
run -o '%e-%%.tmz' /bin/true
ls ./*%*
"$TMTRACE" run -o '%x.tmz' true
echo $?
run true
find . -name 'tmtrace.true.[0-9]*.tmz' | wc -l
TMTRACE_OUTPUT=from_env.tmz run true
ls from_env.tmz
run -o c.tmz --nframe 3 sh -c 'echo $TMTRACE_NFRAME'
run -o '%p.tmz' sh -c 'echo "${TMTRACE_OUTPUT##*/}"; test "$TMTRACE_RUN" = "$$:$PWD/$$.tmz" && echo handed over'
mkdir '50%'
cd '50%' && run -o c.tmz true && ls
