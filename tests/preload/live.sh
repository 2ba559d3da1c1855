# shellcheck shell=sh
# What lives, asked in the process itself: TMTRACE_LIVE. The program prints facts of its own; where it tells two
# numbers, the trace must say the same of that moment.
# live PART [VARIABLE=VALUE...]: runs the part; $trace is its trace.
live() {
	part=$1
	shift
	rm -f "$part".*
	status out err env "$@" TMTRACE_OUTPUT="$PWD/$part.%p.tmz" LD_PRELOAD="$LIB" "$PROGRAMS/live_asked" "$part"
	grep -v '^[0-9]' out
	expect "$part: the program ends well and has said something" test "$status" = 0 -a -s out -a ! -s err
	trace=$(find . -name "$part.*.tmz" | head -n 1)
	told=$(grep '^[0-9]' out || true)
}
now() { equal "$(check total "$trace@mark:$part") $(check total "$trace@peak")" "$told"; }

for start in "TMTRACE_START=0" "TMTRACE_START=0 TMTRACE_LIVE=1" "TMTRACE_START=1 TMTRACE_LIVE=1"; do
	# shellcheck disable=SC2086  # words
	[ "$start" = "TMTRACE_START=1 TMTRACE_LIVE=1" ] || live sums $start
	for part in sizes domains mapped; do
		# shellcheck disable=SC2086
		live $part $start
		expect "$part, $start: the trace says the same of that moment and of the peak" now
	done
	# shellcheck disable=SC2086
	live stops $start
	# shellcheck disable=SC2086
	live poor $start
done
live tracebacks TMTRACE_START=0
live tracebacks TMTRACE_NFRAME=5 TMTRACE_LIVE=1
live forks TMTRACE_LIVE=1
live signals TMTRACE_LIVE=1
for name in unknown_frees order_conflicts; do expect "signals: and there are no $name" equal "$(info "$trace" quality.$name)" 0; done
live storm TMTRACE_LIVE=1 CLEAR=1
for run in 1 2 3; do
	live storm TMTRACE_LIVE=1
	expect "storm $run: the trace says the same of that moment" equal "$(check total "$trace@mark:storm")" "${told% *}"
done
for name in lost_events unknown_frees order_conflicts; do
	expect "storm: and there are no $name" equal "$(info "$trace" quality.$name)" 0
done

for part in threads handlers forks; do
	rm -f ./*.tmz
	status out err env TMTRACE_START=0 TMTRACE_OUTPUT="$PWD/%p.tmz" LD_PRELOAD="$LIB" "$PROGRAMS/restarts" $part
	cat out
	expect "restarts by $part: the program ends well and has said something" test "$status" = 0 -a -s out -a ! -s err
done

rm -f ./*.tmz
status out err env TMTRACE_LIVE=2 LD_PRELOAD="$LIB" "$PROGRAMS/live_asked" sums
expect "TMTRACE_LIVE=2 fails loudly" test "$status" = 2 -a -s err -a ! -s out

# Whole programs do the same with the table as without, and their traces are as good.
cat >work.py <<'END'
import ctypes, json, threading
ours = ctypes.CDLL(None)
def work(n):
    for i in range(n):
        json.loads(json.dumps([{"a": [i] * 30, "b": str(i)}] * 10))
threads = [threading.Thread(target=work, args=(200,)) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
now, peak = ctypes.c_size_t(), ctypes.c_size_t()
where = ctypes.byref(now), ctypes.byref(peak)
for _ in range(3):
    error = ours.tmtrace_take_snapshot(b"python") or ours.tmtrace_get_traced_memory(*where)
print(error, now.value, peak.value)
END
status out err env PYTHONMALLOC=malloc TMTRACE_LIVE=1 TMTRACE_OUTPUT="$PWD/python.tmz" LD_PRELOAD="$LIB" /usr/bin/python3 work.py
expect "python3: what it is told of itself" \
	equal "0 $(check total python.tmz@mark:python)" "$(cut -d' ' -f1,2 out)"
for name in lost_events unknown_frees order_conflicts; do
	expect "python3: and there are no $name" equal "$(info python.tmz quality.$name)" 0
done
