# shellcheck shell=sh
# `tmtrace run`: the program's own exit status, streams and signals.
run() { "$TMTRACE" run "$@"; }
status out err run -o a.tmz -- "$PROGRAMS/exits" exit
expect "the exit status is the program's" equal "$status" 3
expect "so is stdout" equal "$(cat out)" worked
expect "its own line goes to stderr and names the trace" grep -q 'a\.tmz' err
expect "the trace is there, and exact" equal "$(info a.tmz events.allocations)" 10000
status out err run -o b.tmz "$PROGRAMS/exits" kill
expect "so is the signal" equal "$status" 137
status out err run "$PROGRAMS/exits" _exit
expect "without -o the trace has the default name" test -n "$(find . -name 'tmtrace.exits.*.tmz')"
status out err run -o c.tmz --nframe 2 -- "$PROGRAMS/exits" --nframe
expect "the program's own options are left to it" equal "$status" 0
status out err run -o d.tmz no-such-program-anywhere
expect "not found is status 127" equal "$status" 127
expect "said in one line" equal "$(wc -l <err)" 1
expect "and leaves no trace" test ! -e d.tmz
echo data >plain-file
status out err run -o e.tmz ./plain-file
expect "not executable is status 126" equal "$status" 126
status out err run -o absent/f.tmz "$PROGRAMS/exits" exit
expect "a trace that cannot be made is status 1" equal "$status" 1
expect "and the program does not start" test ! -s out
status out err run --nframe 0 "$PROGRAMS/exits"
expect "wrong usage is status 2" equal "$status" 2
status out err run
expect "so is a missing program" equal "$status" 2
status out err env LD_PRELOAD="$PROGRAMS/libbump.so" "$TMTRACE" run -o g.tmz perl -e 'print $ENV{LD_PRELOAD}'
expect "what was preloaded stays, behind" sh -c 'grep -q "libtmtrace.so[: ].*libbump.so" out'
echo 'int main(void) { return 0; }' >main.c
cc -static -o static main.c
status out err run -o h.tmz ./static
expect "a static program is refused" test "$status" -ne 0 -a -s err
cc -fsanitize=address -o asan main.c
status out err run -o i.tmz ./asan
expect "so is one built with ASan" test "$status" -ne 0 -a -s err
status out err env LD_PRELOAD="$LIB" TMTRACE_OUTPUT=asan.tmz ./asan
expect "which runs all the same with the library preloaded" equal "$status $(cat err)" "0 "
if [ "$(id -u)" = 0 ]; then
	cp "$PROGRAMS/exits" setuid
	chown 65534 setuid
	chmod 4755 setuid
	status out err run -o j.tmz ./setuid
	expect "so is one with set-user-ID" test "$status" -ne 0 -a -s err
else
	skip "set-user-ID needs root"
fi
mkdir sub
status out err sh -c 'cd sub && exec "$TMTRACE" run -o k.tmz perl -e "chdir q(..); my @a = map { q(x) x \$_ } 1 .. 100"'
expect "a relative -o is resolved at once" test -f sub/k.tmz
(echo hello | "$TMTRACE" run -o l.tmz cat) >out 2>err
expect "stdin is the program's" equal "$(cat out)" hello
status out err "$TMTRACE" run -o counted.tmz -- "$PROGRAMS/exits" exit
said=$(sed -n 's/^tmtrace: \([0-9,]*\) events in .*/\1/p' err | tr -d ,)
counted=$(($(info counted.tmz events.allocations) + $(info counted.tmz events.frees)))
expect "the line at the end counts the events that info does, but those behind the end" test \
	"$said" -le "$counted" -a "$said" -ge "$((counted - 20))"
