# shellcheck shell=sh
# Code made at run time has the names that a perf map gives it, and the trace keeps them.

record() { # HOW [DEPTH]
	rm -f trace.*
	status out err env LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/trace.%p.tmz" "$PROGRAMS/jit" "$@"
	trace=$(echo trace.*.tmz)
	pid=${trace#trace.}
	map=/tmp/perf-${pid%%.*}.map
}
unnamed() { rm -f "$map"; }
# The block of 7777 bytes under its whole traceback, and how many frames of that are of the code.
named() { # TRACE FRAME [TIMES]
	"$TMTRACE" stats "$1" -g traceback --format json >stats.json
	grep -o '"size":7777,"count":7,"traceback":.*' stats.json | sed 's/]]}.*//' | grep -F "$2" >block || true
	equal "$(grep -oF "$2" block | wc -l)" "${3:-1}"
}
hold='["/srv/app/hold it.js",12]'

for how in exit _exit exec; do
	record "$how"
	unnamed
	expected=0
	[ "$how" != _exit ] || expected=3
	# shellcheck disable=SC2154  # status is of the prelude
	expect "$how: the program ends as it should" equal "$status $(cat out)" "$expected worked"
	expect "$how: the line of the code is in the traceback" named "$trace" "$hold"
	expect "$how: the trace is whole" "$TMTRACE" verify "$trace"
	expect "$how: info counts the names" equal "$(info "$trace" jit.names)" 2
	expect "$how: info counts the frame" equal "$(info "$trace" jit.frames)" 1
done
"$TMTRACE" stats "$trace" -g function --cumulative --format csv >functions
expect "the function has the name of the later line" grep -q '7777,7,1111,hold' functions
"$TMTRACE" stats "$trace" -g module --cumulative --format csv >modules
expect "the module is called [jit]" grep -qF '[jit]' modules
"$TMTRACE" snapshot "$trace" -o snapshot.tmz
expect "a snapshot keeps the line" named snapshot.tmz "$hold"
"$TMTRACE" export "$trace" --format jsonl -o lines.jsonl
expect "an export has the line" grep -qF "$hold" lines.jsonl

record exit 3000
unnamed
expect "code that recurses deeply has all its frames" named "$trace" "$hold" 3000
expect "no traceback is incomplete" equal "$(info "$trace" quality.incomplete_tracebacks)" 0

record execfail
unnamed
expect "a map that grew after a failed exec is read to its end" named "$trace" "$hold"
"$TMTRACE" stats "$trace" -g function --cumulative --format csv >functions
expect "and has no line twice" equal "$(info "$trace" jit.names)" 4
expect "a name without a line is there" grep -q '7777,7,1111,later' functions

record fork
for trace in trace.*.tmz; do
	pid=${trace#trace.}
	rm -f /tmp/perf-"${pid%%.*}".map
	"$TMTRACE" stats "$trace" -g function --cumulative --format csv
done >functions
expect "a forked child has a map of its own" grep -q '7777,7,1111,child' functions

record kill
if [ "$(info "$trace" kill_safe)" = true ]; then
	expect "of a killed process the map is read where it lies" named "$trace" "$hold"
	"$TMTRACE" recover "$trace" -o clean.tmz
	cp "$trace" copy.tmz
	touch -d 2001-02-03 "$map"
	refuse "a map from before the recording is not read" named "$trace" "$hold"
	unnamed
	refuse "without it there is no name" named "$trace" "$hold"
	expect "what was recovered has it" named clean.tmz "$hold"
	ln -s "$PWD/clean.tmz" "$map"
	expect "a link in its place is not followed" equal "$(info "$trace" jit.names)" 0
else
	skip "blocks do not survive a kill here"
fi
unnamed

mkfifo hold
rm -f trace.*
LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/trace.%p.tmz" "$PROGRAMS/jit" wait <hold >out 2>&1 &
pid=$!
exec 9>hold
map=/tmp/perf-$pid.map
for _ in $(seq 100); do
	[ ! -s out ] || break
	sleep 0.1
done
expect "of a process that runs the map is read where it lies" named "trace.$pid.tmz" "$hold"
exec 9>&-
wait "$pid"
unnamed
expect "and it copies it when it ends" named "trace.$pid.tmz" "$hold"

record link
unnamed
expect "a link is no map" equal "$(info "$trace" jit.names)" 0

# shellcheck disable=SC2016
status out err sh -c 'echo "10 10 of long ago" >/tmp/perf-$$.map; touch -d 2001-02-03 /tmp/perf-$$.map
	rm -f trace.*; LD_PRELOAD=$1 TMTRACE_OUTPUT=$PWD/trace.%p.tmz exec "$2"' sh "$LIB" "$PROGRAMS/exits"
trace=$(echo trace.*.tmz)
pid=${trace#trace.}
expect "a map of an earlier process of that number is none" equal "$(info "$trace" jit.names)" 0
rm -f /tmp/perf-"${pid%%.*}".map

record huge
unnamed
expect "of a map of 65 MiB the first 64 count" equal "$(info "$trace" jit.cut)" true
expect "and the code before has its name" named "$trace" "$hold"
expect "the trace is no larger than it need be" test "$(stat -c %s "$trace")" -lt 1000000

if have node; then
	cat >held.js <<-'END'
		'use strict';
		const held = [];
		function hold() { held.push(Buffer.allocUnsafeSlow(7777777)); }
		function recurse(n) { if (n) recurse(n - 1); else hold(); }
		recurse(300);
		process.on('exit', () => process.reallyExit(0));
	END
	rm -f trace.*
	status out err "$TMTRACE" run -o trace.node.tmz -- node --perf-basic-prof --interpreted-frames-native-stack held.js
	expect "node: it ends as it should" equal "$status" 0
	rm -f /tmp/perf-"$(info trace.node.tmz pid)".map
	"$TMTRACE" stats trace.node.tmz@peak -g traceback --format json >stats.json
	grep -o '"size":7777777,"count":1,"traceback":.*' stats.json | head -n 1 | sed 's/]]}.*//' >block
	expect "node: the line of the function that holds is there" grep -qF "[\"$PWD/held.js\",3]" block
	expect "node: and each call that recursed" equal "$(grep -oF "[\"$PWD/held.js\",4]" block | wc -l)" 301
	expect "node: many frames of live blocks have a name" test "$(info trace.node.tmz jit.frames)" -ge 20
else
	skip "node is not installed"
fi
for python in python3.14 python3.13 python3.12; do
	"$python" -X perf -c 'import os, sys; os.unlink(f"/tmp/perf-{os.getpid()}.map"); sys.exit(not sys.is_stack_trampoline_active())' \
		>/dev/null 2>&1 || continue
	printf 'def hold():\n  return bytearray(7777777)\nheld = hold()\n' >held.py
	rm -f trace.*
	status out err "$TMTRACE" run -o trace.python.tmz -- "$python" -X perf held.py
	rm -f /tmp/perf-"$(info trace.python.tmz pid)".map
	"$TMTRACE" stats trace.python.tmz@peak -g function --cumulative --format csv >functions
	expect "python: the function that holds is there" grep -q ',hold$' functions
	expect "python: no traceback ends early" equal "$(info trace.python.tmz quality.incomplete_tracebacks)" 0
	python=found
	break
done
[ "${python-}" = found ] || skip "there is no python with perf trampolines"
