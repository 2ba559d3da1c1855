# shellcheck shell=sh
# TMTRACE_* is checked before main: never untraced by mistake.
preloaded() { env "$1" LD_PRELOAD="$LIB" "$PROGRAMS/exits" exit; }
wrong() {
	rm -f ./*.tmz
	status out err preloaded "$1"
	expect "$1 is refused with status 2" equal "$status" 2
	expect "$1 is named in one line" sh -c '[ "$(wc -l <err)" = 1 ] && grep -q "tmtrace.*$1" err' sh "${1%%=*}"
	expect "$1: main does not run" test ! -s out
	expect "$1: no trace is made" equal "$(find . -name '*.tmz*' | wc -l)" 0
}
right() {
	rm -f ./*.tmz
	status out err preloaded "$1"
	expect "$1 is accepted" equal "$status" 3
	expect "$1: nothing is said" test ! -s err
	expect "$1: there is one trace" equal "$(find . -name '*.tmz' | wc -l)" 1
}
for value in 0 -1 65536 x "" 1x 99999999999999999999; do wrong "TMTRACE_NFRAME=$value"; done
for value in 2 x "" yes 01; do wrong "TMTRACE_START=$value"; done
for value in 2 x ""; do wrong "TMTRACE_CHILDREN=$value"; done
for value in 2 x ""; do wrong "TMTRACE_VERBOSE=$value"; done
for value in "" "a%q.tmz" "a%"; do wrong "TMTRACE_OUTPUT=$value"; done
for value in 2 x ""; do wrong "TMTRACE_CHECK_STACKS=$value"; done
mkdir without
: >without/libunwind-x86_64.so.8
export LD_LIBRARY_PATH="$PWD/without"
wrong "TMTRACE_CHECK_STACKS=1"
unset LD_LIBRARY_PATH
for value in 1 25 65535; do right "TMTRACE_NFRAME=$value"; done
right "TMTRACE_START=1"
right "TMTRACE_CHILDREN=0"
right "TMTRACE_VERBOSE=0"
right "TMTRACE_CHECK_STACKS=0"
right "TMTRACE_OUTPUT=%%x.%h.tmz"
expect "%% and %h are replaced" test -f "%x.$(hostname).tmz"
rm -f ./*.tmz
status out err preloaded TMTRACE_VERBOSE=1
expect "TMTRACE_VERBOSE=1 says in one line where the trace is" sh -c '[ "$(wc -l <err)" = 1 ] && grep -q "\.tmz" err'
status out err preloaded TMTRACE_FRAMES=3
expect "an unknown variable is warned of, in one line" sh -c '[ "$(wc -l <err)" = 1 ] && grep -q TMTRACE_FRAMES err'
expect "and the program runs" equal "$status" 3
rm -f ./*.tmz
status out err env LD_PRELOAD="$LIB" "$PROGRAMS/exits" exit
expect "the default name is tmtrace.NAME.PID.tmz" test -n "$(find . -name 'tmtrace.exits.[0-9]*.tmz')"
rm -f ./*.tmz
status out err preloaded TMTRACE_START=0
expect "TMTRACE_START=0 runs the program" equal "$status" 3
trace=$(find . -name '*.tmz')
[ -z "$trace" ] || expect "TMTRACE_START=0 records nothing" equal "$(info "$trace" events.allocations)" 0
rm -f ./*.tmz
status out err preloaded TMTRACE_NFRAME=1
trace=$(find . -name '*.tmz')
"$TMTRACE" stats --group-by traceback --format json "$trace" >stats.json
expect "TMTRACE_NFRAME=1 keeps one frame" /usr/bin/python3 -c 'import json, sys
rows = json.load(open("stats.json"))["statistics"]
sys.exit(not rows or any(len(r["traceback"]) != 1 for r in rows))'
mkdir elsewhere
status out err env TMTRACE_OUTPUT=relative.tmz LD_PRELOAD="$LIB" perl -e 'chdir "elsewhere"; my @a = map { "x" x $_ } 1 .. 1000; '
expect "a relative name is resolved where the program started" test -f relative.tmz
