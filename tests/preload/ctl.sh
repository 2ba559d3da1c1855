# shellcheck shell=sh
# tmtrace ctl: a running program is told to start, to stop and to set marks; and is read while it runs.
# `make storm` sets CTL_ROUNDS and CTL_MOMENTS to what takes minutes.
ASKED=$PROGRAMS/asked
trap '' PIPE

# begin [VARIABLE=VALUE...] [-- THREADS]: starts the program; $pid is its number, orders go to descriptor 3.
begin() {
	rm -f orders said said.err ./*.tmz ./*.live
	mkfifo orders
	: >said
	(
		set -- "$@" --
		variables=
		while [ "$1" != -- ]; do variables="$variables $1"; shift; done
		# shellcheck disable=SC2086  # words
		exec env $variables TMTRACE_OUTPUT="$PWD/%p.tmz" LD_PRELOAD="$LIB" "$ASKED" "${2:-0}"
	) <orders >said 2>said.err &
	pid=$!
	exec 3>orders
	until_said 1
}
until_said() {
	tries=0
	while [ "$(wc -l <said)" -lt "$1" ] && [ $tries -lt 500 ]; do sleep 0.01; tries=$((tries + 1)); done
}
# order LETTERS: and waits until all is done.
order() {
	lines=$(($(wc -l <said) + ${#1}))
	printf %s "$1" >&3
	until_said $lines
}
end() {
	printf q >&3 || true
	exec 3>&-
	wait "$pid" && ended=0 || ended=$?
}
ctl() { "$TMTRACE" ctl "$@"; }
# field PID KEY: of the status; last.KEY of the last command.
field() {
	case $2 in last.*) part='s/.*"last"://' ;; *) part='s/,"last":{.*//' ;; esac
	ctl "$1" status --format json | sed -n "$part; s/.*\"${2#last.}\":\"\{0,1\}\([^\",}]*\).*/\1/p"
}
# says STATUS PATTERN COMMAND...: that status, and one line on stderr with these words.
says() {
	wanted=$1 pattern=$2
	shift 2
	status out err "$@"
	if [ "$status" != "$wanted" ] || [ "$(wc -l <err)" != 1 ] || ! grep -q -- "$pattern" err; then
		echo "status $status:"
		cat out err
		return 1
	fi
}
# until_waiting PID [COMMAND]: a request stands there, of that command.
until_waiting() {
	tries=0
	while [ "$(field "$1" last.state 2>/dev/null)" != waiting ] ||
		{ [ "${2-}" ] && [ "$(field "$1" last.command)" != "$2" ]; }; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || break
		sleep 0.01
	done
}
# asked LETTERS COMMAND...: a request, and what the program does meanwhile; sets $status.
asked() {
	letters=$1
	shift
	(status=0; "$TMTRACE" ctl --wait 20 "$@" >out 2>err || status=$?; echo $status >asked.status) &
	asking=$!
	until_waiting "$1"
	order "$letters"
	wait $asking
	status=$(cat asked.status)
}
live() { check live "$1" 0 1000000; }
high() { for fd in "/proc/$pid/fd"/*; do [ "${fd##*/}" -lt 512 ] || readlink "$fd"; done; }

begin TMTRACE_START=0
expect "a program that waits is paused" equal "$(field "$pid" state)" paused
expect "and has no trace yet" equal "$(field "$pid" trace)$(find . -name '*.tmz')" null
expect "its only descriptor of ours is the page" equal "$(high)" "/memfd:tmtrace (deleted)"
expect "which closes on exec" sh -c 'grep -q "^flags:.*2......" "/proc/$1/fdinfo/512"' sh "$pid"
expect "a program that does not allocate does not answer" says 1 "has neither allocated nor freed for 200 ms" ctl --wait 0.2 "$pid" start
expect "the request was taken back" equal "$(field "$pid" last.state)" "taken back"
order a
expect "and is not done later" equal "$(field "$pid" state)$(find . -name '*.tmz')" paused
expect "nor is anything else than what is asked for" says 1 "not recording.*no trace" "$TMTRACE" stats "$pid"
asked a "$pid" start 5
expect "a start that is waiting is done by the next call" equal "$status" 0
expect "ctl says where the trace is" grep -q "recording to $PWD/$pid.tmz" out
expect "the program records" equal "$(field "$pid" state)" recording
expect "the call that noticed is recorded" equal "$(live "$pid")" 1000002
expect "with that many frames of each stack" equal "$(field "$pid" nframe) $(info "$pid.tmz" nframe)" "5 5"
expect "the last command is known" equal "$(field "$pid" last.command) $(field "$pid" last.state)" "start done"
expect "the page has gone over to the journal: one descriptor" equal "$(high)" "$PWD/$pid.tmz"
expect "a start of what is recorded is no error" equal "$(asked aaaaaaaaaaaaaaaaa "$pid" start; cat out)" "$pid (asked): is recording already, to $PWD/$pid.tmz"
expect "and changes nothing" equal "$(field "$pid" nframe)" 5
asked aaaaaaaaaaaaaaaaa "$pid" mark "half way"
expect "a mark that is waiting is set within 16 events" equal "$status $(cat out)" "0 $pid (asked): $PWD/$pid.tmz@mark:half way"
n=$(live "$pid@mark:half way" | wc -w)
expect "it is found by its name" test "$n" -ge 18 -a "$n" -le 35
asked aaaaaaaaaaaaaaaaa "$pid" mark "$(printf 'red\033[31m')"
expect "a name with a terminal's escapes is told without them" equal "$(cat out)" "$pid (asked): $PWD/$pid.tmz@mark:red\\x1b[31m"
expect "fewer events do not suffice" says 1 "fewer than 16 allocations and frees for 100 ms" ctl --wait 0.1 "$pid" stop
expect "status is one screen" sh -c 'ctl=$("$1" ctl "$2" status); [ "$(echo "$ctl" | wc -l)" = 4 ] && echo "$ctl" | grep -q "^state  *recording for .*, 5 frames"' sh "$TMTRACE" "$pid"
address=$(tail -n 1 said | cut -d' ' -f2)
"$TMTRACE" object "$pid" "$address" >out 2>err
expect "object says of a running process who allocated a block" grep -q 'is byte 0 of a block of .* at 0x' out
expect "with its function" grep -q 'allocate' out
"$TMTRACE" stats "$pid@start" >out 2>err
expect "nothing is said of damage" test ! -s err
cp "$pid.tmz" "$pid"
"$TMTRACE" info "$pid" >out 2>err
expect "a file of that name is taken first" grep -q "^$pid: " out
rm "$pid"
asked ffffffffffffffffff "$pid" stop
expect "a stop that is waiting is done" equal "$status $(field "$pid" state)" "0 paused"
expect "and nothing lives then" equal "$(live "$pid")" ""
(sleep 0.3; printf a >&3) &
expect "a mark is refused then" says 1 "is not recording; 'tmtrace ctl $pid start'" ctl --wait 20 "$pid" mark late
asked f "$pid" start
expect "a free by which it starts is of an earlier block" equal "$(info "$pid.tmz" quality.earlier_frees) $(info "$pid.tmz" quality.unknown_frees)" "1 0"
expect "a start without a number keeps the limit" equal "$(field "$pid" nframe)" 5
order c
asked aaaaaaaaaaaaaaaaa "$pid" mark closed
expect "a program that has closed all descriptors is found by its journal" equal "$status" 0
asked sssssssssssssssss "$pid" stop
expect "on a small stack all of it works" equal "$status" 0
asked s "$pid" start
expect "a start too" equal "$status" 0
end
expect "the program ends well" equal "$ended" 0
expect "the trace is whole" "$TMTRACE" verify "$pid.tmz"
expect "a process that has ended is none" says 1 "$pid: no such process" ctl "$pid" status

begin TMTRACE_START=0
asked s "$pid" start
expect "the first start may happen on a small stack" equal "$status $(field "$pid" state)" "0 recording"
end
begin TMTRACE_START=0
order c
expect "without a journal the descriptor is needed" says 1 "has closed the descriptor" ctl "$pid" start
kill -STOP "$pid"
end & ending=$!
kill -CONT "$pid"
wait $ending
exec 3>&-
wait "$pid" || true

begin TMTRACE_START=0
(status out.vfork err.vfork "$TMTRACE" ctl --wait 20 "$pid" start; echo "$status" >vfork.status) &
asking=$!
until_waiting "$pid"
order vv
expect "a child of vfork does nothing in its parent's name" equal "$(field "$pid" last.state)" waiting
order a
wait $asking
expect "the parent does" equal "$(cat vfork.status) $(field "$pid" state)" "0 recording"
order k
child=$(sed -n 's/^child //p' said)
expect "a forked child shows its parent's page at first" says 1 "has not allocated since it was forked from $pid" ctl "$child" status
expect "and its trace is not its parent's" says 1 "has not allocated" "$TMTRACE" stats "$child"
kill -USR1 "$child"
until_said 6
expect "then one of its own" equal "$(field "$child" state) $(field "$child" trace)" "recording $PWD/$child.tmz"
(sleep 0.3; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do kill -USR1 "$child"; sleep 0.02; done) &
expect "a child is asked for itself" ctl --wait 20 "$child" mark child
wait $!
expect "and the parent is none the wiser" sh -c '! "$1" stats "$2@mark:child"' sh "$TMTRACE" "$pid"
kill -9 "$child"
order e
expect "after an exec the page is a new one" equal "$(field "$pid" state) $(field "$pid" last)" "paused null"
asked a "$pid" start
expect "and so is the trace" equal "$status $(field "$pid" trace)" "0 $PWD/$pid.tmz.1"
kill -STOP "$pid"
expect "a stopped process is told from an idle one" says 1 "is stopped and has not allocated" ctl --wait 0.1 "$pid" stop
kill -CONT "$pid"
(status out.gone err.gone "$TMTRACE" ctl --wait 20 "$pid" stop; echo "$status" >gone.status) &
asking=$!
until_waiting "$pid"
kill -9 "$pid"
end 2>/dev/null
wait $asking
expect "who is killed meanwhile has ended" sh -c '[ "$(cat gone.status)" = 1 ] && grep -q "$1 has ended" err.gone' sh "$pid"

begin TMTRACE_START=0
"$TMTRACE" ctl --wait 20 "$pid" start >out.killed 2>&1 &
asking=$!
until_waiting "$pid"
kill -9 $asking
wait $asking 2>/dev/null || true
expect "what a killed ctl asked for is taken back by the next" says 1 "taken back" ctl --wait 0.1 "$pid" mark x
"$TMTRACE" ctl --wait 20 "$pid" start >out.int 2>&1 &
asking=$!
until_waiting "$pid" start
expect "two do not ask at once" says 1 "asked by another tmtrace" ctl --wait 0.1 "$pid" mark x
kill -TERM $asking
status=0
wait $asking || status=$?
expect "an interrupted ctl takes its request back" equal "$status $(field "$pid" last.state)" "1 taken back"
end

begin TMTRACE_CHILDREN=0
order k
child=$(sed -n 's/^child //p' said)
kill -USR1 "$child"
until_said 3
expect "a child that is not to be recorded says so" says 1 "TMTRACE_CHILDREN=0" ctl "$child" start
kill -9 "$child"
end
begin TMTRACE_START=0
order k
child=$(sed -n 's/^child //p' said)
kill -USR1 "$child"
until_said 3
(sleep 0.3; kill -USR1 "$child") &
expect "the child of a paused program starts for itself" ctl --wait 20 "$child" start
expect "with a trace of its own" equal "$(field "$child" trace) $(field "$pid" state)" "$PWD/$child.tmz paused"
kill -9 "$child"
end

# A program that does by itself what it is asked for at the same time.
begin TMTRACE_START=0
order bh
asked ba "$pid" start
expect "a program may start by itself while it is asked to" equal "$status $(field "$pid" last.state)" "0 done"
asked ha "$pid" stop
expect "and stop" equal "$status $(field "$pid" state)" "0 paused"
asked bha "$pid" mark between
expect "a request that waits for neither is not done in the midst of them" equal "$status" 1
asked bhbhbhb "$pid" stop
end
expect "and that program ends well" equal "$ended" 0

# A program whose exec fails: the trace was closed, and its journal, in which the page is, removed.
begin TMTRACE_START=0
order x
asked a "$pid" start
expect "after an exec that failed a paused program may still be asked" equal "$status $(field "$pid" state)" "0 recording"
order xx
asked aaaaaaaaaaaaaaaaa "$pid" mark after
expect "one that is recorded too, at the page in its new journal" equal "$status $(field "$pid" state)" "0 recording"
asked ffffffffffffffff "$pid" stop
order x
asked a "$pid" start
expect "and one that was stopped" equal "$status $(field "$pid" state)" "0 recording"
rm "$pid.tmz.live"
expect "without its journal it cannot, and is told why" says 1 "somebody has removed" ctl "$pid" status
end
expect "and its trace is whole" "$TMTRACE" verify "$pid.tmz"
expect "with its marks" "$TMTRACE" stats "$pid.tmz@mark:after"

for letter in "" full; do
	# shellcheck disable=SC2086  # or nothing
	status plain err "$PROGRAMS/fds" $letter
	# shellcheck disable=SC2086
	status out err env TMTRACE_START=0 LD_PRELOAD="$LIB" "$PROGRAMS/fds" $letter
	expect "the page's descriptor is in nobody's way${letter:+, though all are taken}" cmp plain out
done

# Where it cannot work.
sleep 20 &
bare=$!
expect "a program without the library is told how to have it" says 1 "runs without libtmtrace.so.*tmtrace run" ctl "$bare" status
kill $bare
expect "what is no number is wrong usage" says 2 "no process number" ctl x status
expect "nor is there any other command" says 2 "start \[NFRAME\], stop, mark NAME or status" ctl 1 go
expect "frames are counted from 1" says 2 "from 1 to 65535" ctl 1 start 0
expect "a name has 1 to 255 bytes" says 2 "1 to 255 bytes" ctl 1 mark "$(printf 'x%.0s' $(seq 256))"
expect "--wait wants seconds" says 2 "--wait wants seconds" ctl --wait -1 1 stop
if printf 'int main(void) { for (;;) __builtin_ia32_pause(); }' | cc -static -x c - -o static 2>err; then
	env LD_PRELOAD="$LIB" ./static &
	bare=$!
	sleep 0.1
	expect "a static program is told from others" says 1 "statically linked" ctl "$bare" status
	kill $bare
else
	skip "static: no static libc"
fi
if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --clear-groups -- true 2>err; then
	begin TMTRACE_START=0
	chmod a+x "$PWD/.." "$PWD"
	expect "a process of another user is refused" says 1 "is not yours" \
		setpriv --reuid 65534 --clear-groups -- "$TMTRACE" ctl "$pid" status
	end
else
	skip "another user: needs root"
fi

# A process that lies: whatever stands in its page, ctl ends with a message.
cat >liar.py <<'END_OF_LIAR'
import ctypes, mmap, os, random, struct, sys, time
kind, seed = sys.argv[1], int(sys.argv[2])
random.seed(seed)
fd = os.memfd_create("tmtrace")
os.ftruncate(fd, 4096)
page = mmap.mmap(fd, 4096)
version = 99 if kind == "version" else 1
page[1024:1024 + 48] = struct.pack("<4sIIIQQQII", b"TMRC", version, os.getpid(), 0, 1, 1, 1, 1, 0)
REQUEST = 1024 + 64
if kind == "noise":
    page[1024 + 16:1024 + 360] = random.randbytes(344)
    page[1036:1040] = bytes(4)
elif kind == "states":
    page[REQUEST:REQUEST + 8] = struct.pack("<II", seed, seed)
    page[REQUEST + 24:REQUEST + 40] = struct.pack("<IIiI", seed, 0xffffffff, -2**31, 1)
print("ready", flush=True)
if kind == "cut":
    time.sleep(0.3)
    os.ftruncate(fd, 0)
time.sleep(30)
END_OF_LIAR
lie() {
	rm -f liar.out
	python3 -I liar.py "$@" >liar.out 2>&1 &
	liar=$!
	while [ ! -s liar.out ]; do sleep 0.01; done
}
if have python3; then
	lie version 0
	expect "another version is told with both" says 1 "version 99 of what this tmtrace speaks in version 1" ctl "$liar" status
	kill $liar
	for seed in 0 1 2 3 4 5 6 7 8; do
		for kind in noise states; do
			lie $kind $seed
			worst=0
			for command in status "status --format json" start stop "mark x"; do
				# shellcheck disable=SC2086
				status out err ctl --wait 0.01 "$liar" $command
				[ "$status" -le "$worst" ] || worst=$status
			done
			expect "$kind $seed in a page harms nobody" test "$worst" -le 1
			kill $liar
		done
	done
	lie cut 0
	expect "a page that is cut off meanwhile neither" says 1 "ended\|about to end\|runs without" ctl --wait 2 "$liar" start
	kill $liar
else
	skip "liars: no python3"
fi

# On a file system that is not trusted with a journal.
mkdir -p ram
cat >ram.sh <<'END_OF_RAM'
mount -t ramfs none ram || exit 1
sleep 20 | env TMTRACE_OUTPUT="$PWD/ram/x.tmz" LD_PRELOAD="$LIB" "$PROGRAMS/asked" 1 >ram.said &
pid=$!
while [ ! -s ram.said ]; do sleep 0.01; done
"$TMTRACE" ctl --wait 20 "$pid" mark here && "$TMTRACE" ctl --wait 20 "$pid" stop && "$TMTRACE" stats "$pid@mark:here" >ram.stats
status=$?
kill "$pid"
exit $status
END_OF_RAM
if unshare -m true 2>err; then
	expect "without a journal the page of memory stays" unshare -m sh ram.sh
	expect "and the trace is found by its identity" grep -q "ram/x.tmz at mark here" ram.stats
else
	skip "without a journal: needs root"
fi

# Under load.
begin TMTRACE_START=0 -- 4
bad=''
rounds=${CTL_ROUNDS:-20}
for round in $(seq "$rounds"); do
	ctl --wait 30 "$pid" start $((round % 9 + 1)) >out 2>&1 || bad="$bad start:$(cat out)"
	ctl --wait 30 "$pid" mark "m$round" >out 2>&1 || bad="$bad mark:$(cat out)"
	ctl --wait 30 "$pid" stop >out 2>&1 || bad="$bad stop:$(cat out)"
done
expect "$rounds starts, marks and stops of 4 threads all succeed" equal "$bad" ""
ctl --wait 30 "$pid" start >out
lost=$(field "$pid" lost_events)
end
expect "the program ends well" equal "$ended" 0
expect "what was lost is said" equal "$(info "$pid.tmz" quality.lost_events)" "$lost"
expect "and is nothing" equal "$lost" 0
expect "the trace is whole" "$TMTRACE" verify "$pid.tmz"
for name in unknown_frees order_conflicts; do expect "there are no $name" equal "$(info "$pid.tmz" quality.$name)" 0; done
for mark in 1 "$rounds"; do expect "mark $mark is there" "$TMTRACE" stats "$pid.tmz@mark:m$mark"; done

# Every command, of the trace of a program that writes at full speed.
for round in $(seq "${CTL_MOMENTS:-1}"); do
	for command in $("$TMTRACE" help | sed -n 's/^  \([a-z]*\)  *.*/\1/p'); do
		case $command in
		run | import | help) continue ;;
		ctl) set -- ctl PID status ;;
		object) set -- object PID 0x1 ;;
		diff) set -- diff PID@peak PID ;;
		snapshot | recover | symbolize) set -- "$command" PID -o copy.out ;;
		*) set -- "$command" PID ;;
		esac
		begin -- 2
		sleep 0.0$((round * 3))
		for word; do
			case $word in PID*) word=$pid${word#PID} ;; esac
			set -- "$@" "$word"
			shift
		done
		status out err "$TMTRACE" "$@"
		if [ "$command" = object ]; then
			expect "$command of a running program, $round: a moment of it" sh -c '[ "$1" = 1 ] && grep -q "no live block holds 0x1 at the end" err' sh "$status"
		else
			expect "$command of a running program, $round: ends with 0" equal "$status" 0
			expect "$command of a running program, $round: no damage" sh -c '! grep -v "addresses have" err' sh
		fi
		[ ! -e copy.out ] || expect "$command of a running program, $round: the copy is whole" "$TMTRACE" info copy.out
		rm -f copy.out
		kill -9 "$pid"
		end 2>/dev/null
	done
done
