# shellcheck shell=sh
# tmtrace.h and the switches, row by row of what tracemalloc's recording side promises: RT, CL and CA. The
# program prints facts of its own; here is what the trace must say then.
API=$PROGRAMS/api

# api PART START [VARIABLE=VALUE...]: runs the part; $trace is its trace, if there is one of that name only.
api() {
	part=$1 start=$2
	shift 2
	rm -f "$part".*
	status out err env "$@" TMTRACE_START="$start" TMTRACE_OUTPUT="$PWD/$part.%p.tmz" LD_PRELOAD="$LIB" "$API" "$part"
	cat out
	expect "$part: the program ends well and has said something" test "$status" = 0 -a -s out -a ! -s err
	trace=$(find . -name "$part.*.tmz")
}
# live SIZES [MOMENT [DOMAIN [LEAST]]]: these traces live then, of those from a million bytes on.
live() { equal "$(check live "$trace${2-}" "${3-0}" "${4-1000000}")" "$1"; }
# matches PATTERN TEXT
matches() { echo "$2" | grep -qx -- "$1" || { echo "$2 is not $1"; return 1; }; }
quality() { equal "$(info "$trace" "quality.$1")" "$2"; }

api toggles 0
expect "RT-1: a trace that was started has no blocks" live "" "" 0 0
api limits 0
expect "RT-2: the last limit is that of the last start" equal "$(info "$trace" nframe)" 1
expect "RT-2: one frame of each stack is kept, and its depth" matches '1/1[5-9]' "$(check frames "$trace" 1000001)"
expect "RT-3: the session before had the limit of its first start" \
	matches '3/1[5-9]' "$(check frames "$trace@mark:three" 1000003)"

api memory 0
expect "RT-4: what lives is what was allocated and not freed" live "50000000" "@mark:fifty"
expect "RT-4: nothing lives after a stop" live "" "" 0 0
expect "RT-4: the recording says that it was stopped" equal "$(info "$trace" ended_by)" stop
expect "RT-4: frees of forgotten blocks are no unknown frees" quality unknown_frees 0
"$TMTRACE" snapshot "$trace@mark:cleared" -o whole.tmz
expect "RT-4: blocks live on without a clear" equal "$(check live whole.tmz 0 1000000)" "10000000 50000000"
api memory 0 RESET=1
expect "RT-5: a reset leaves the traces alone" live "10000000 50000000" "@mark:cleared"
api memory 0 CLEAR=1
expect "RT-6: a clear forgets all blocks" live "" "@mark:cleared"
expect "RT-6: a free of a forgotten block is counted apart" quality earlier_frees 1
expect "RT-6: and is not unknown" quality unknown_frees 0

cat >peak.c <<'END'
#include <stdlib.h>
#include "tmtrace.h"
static void *volatile kept;
int main(int argc, char **argv)
{
	void *first = kept = malloc(100000000);

	kept = malloc(50000000);
	free(first);
	if (argc > 1)
		tmtrace_reset_peak();
	free(kept);
	kept = malloc(20000000);
	return argv[0] ? 0 : 1;
}
END
cc -O2 -fno-builtin -I"$SOURCE/preload" -o peak peak.c
for reset in "" reset; do
	rm -f peak.tmz
	env TMTRACE_OUTPUT="$PWD/peak.tmz" LD_PRELOAD="$LIB" ./peak $reset
	trace=peak.tmz
	if [ "$reset" ]; then
		expect "RT-5: the peak after a reset is what lived then" live "50000000" @peak
	else
		expect "RT-4: the peak is the most that lived together" live "50000000 100000000" @peak
	fi
done

api stopped 0
expect "RT-9: 255 bytes of a name are found again" live "" "@mark:$(printf 'x%.0s' $(seq 255))"
refuse "RT-9: a snapshot that was refused is not there" "$TMTRACE" stats "$trace@mark:nothing"
api forks 1
expect "RT-10: there is a trace of each child that recorded something" equal "$(echo "$trace" | wc -l)" 3
for trace in $trace; do
	if "$TMTRACE" stats "$trace@mark:child" >found 2>&1; then
		expect "RT-10: a child's trace has its blocks, and what it inherited" live "1000001 1000010" "@mark:child"
	elif "$TMTRACE" stats "$trace@mark:parent's" >found 2>&1; then
		expect "RT-10: the parent's has its own, and those that its vfork child tracked" live "1000099" "@mark:parent's" 7
		expect "RT-10: in their order" live "" "@mark:parent's#1" 7
	else
		expect "RT-10: a child that starts late has what it allocated from then on" live "1000020"
		expect "RT-10: and the limit that it asked for" equal "$(info "$trace" nframe)" 2
	fi
done
api blocks 1
expect "RT-11: malloc(0) is traced" matches '0 .*' "$(check live "$trace" 0 0)"
expect "RT-12: a block has the size of its last realloc" live "1000011 2000012"
"$TMTRACE" stats "$trace" --format json >stats.json
line=$(grep -n 'realloc(block, 2' "$SOURCE/tests/programs/api.c" | cut -d: -f1)
expect "RT-12: and its traceback" check site stats.json tests/programs/api.c "$line" 1 2000012
for part in blocks domains; do
	if ldconfig -p | grep -q libunwind-x86_64.so.8; then
		api $part 1 TMTRACE_CHECK_STACKS=1 >/dev/null
		expect "RT-13: $part: no stack is half built" quality incomplete_tracebacks 0
		expect "RT-13: $part: none differs from the reference" quality stack_differences 0
		expect "RT-13: $part: all were compared" test "$(info "$trace" quality.checked_stacks)" -ge 5
	else
		skip "RT-13: needs libunwind"
	fi
done

rm -f ./*.tmz
status out err env TMTRACE_START=0 LD_PRELOAD="$LIB" "$PROGRAMS/exits" exit
expect "CL-1: with TMTRACE_START=0 nothing is recorded unless the program asks" equal "$status$(find . -name '*.tmz')" 3
status out err "$PROGRAMS/exits" exit
expect "CL-1: without the library nothing is recorded at all" equal "$status$(find . -name '*.tmz')" 3
status out err env TMTRACE_NFRAME=10 TMTRACE_OUTPUT="$PWD/cl.tmz" LD_PRELOAD="$LIB" "$API" blocks
expect "CL-2: TMTRACE_NFRAME is the limit" equal "$(info cl.tmz nframe)" 10
for value in -1 1073741824; do
	status out err env TMTRACE_NFRAME=$value LD_PRELOAD="$LIB" "$API" blocks
	expect "CL-3: TMTRACE_NFRAME=$value fails loudly" test "$status" = 2 -a -s err -a ! -s out
done
if [ "$(id -u)" = 0 ] && runuser -u nobody true 2>err; then
	install -d -m 755 "$PWD/secure"
	install -m 4755 "$API" "$PWD/secure/api"
	chmod a+x "$PWD/.." "$PWD"
	status out err runuser -u nobody -- env TMTRACE_NFRAME=-1 LD_PRELOAD="$LIB" "$PWD/secure/api" untraced
	expect "CL-4: with elevated privileges the environment is ignored" sh -c '[ "$1" = 0 ] && ! grep -q TMTRACE err' sh "$status"
else
	skip "CL-4: needs root"
fi
rm -f ./*.tmz
status out err "$TMTRACE" run -o cl.tmz --nframe 4 -- "$API" blocks
expect "CL-5: run --nframe is the limit" equal "$(info cl.tmz nframe)" 4
status out err env TMTRACE_START=0 "$TMTRACE" run -o late.tmz -- "$API" limits
expect "CL-5: a trace that the program starts has the name that run was given" equal "$(info late.tmz nframe)" 1

api domains 1
expect "CA-1: blocks of a domain have size and address of their own" live "1000003 1000004 1000077" "" 7
expect "CA-1: also those of no size" live "0 1000003 1000004 1000077" "" 7 0
expect "CA-1: and none is in the heap" live ""
expect "CA-2: what threads tracked is all there" \
	equal "$(check live "$trace" 8 0 | tr ' ' '\n' | sort | uniq -c | tr -s ' ')" " 2000 1000000"
expect "CA-3: a block that is tracked again is one block" live "1000004 1000077" "" 7 1000004
expect "CA-4: untracked blocks are gone" live "" "" 4294967295 0
expect "CA-4: and nothing was unknown" quality unknown_frees 0
"$TMTRACE" stats "$trace" -g domain >table
expect "CA-1: the domain has the name it was given last" grep -q 'pool (7)$' table

api marks 1
expect "a mark is found by its name, the last one of it" live "1000001 1000002" "@mark:step"
expect "and each by its number" live "1000001" "@mark:step#1"
expect "#2 is the second" live "1000001 1000002" "@mark:step#2"
expect "a name may have any letters" live "1000001 1000002" "@mark:other@home"
api storm 0
expect "in a storm of starts and stops, only what came after the last start lives" live "1000005" "@mark:calm"
for name in lost_events unknown_frees order_conflicts; do expect "and there are no $name" quality $name 0; done
api signals 0
expect "after starts and stops in a signal handler likewise" live "1000006" "@mark:quiet"
for name in unknown_frees order_conflicts; do expect "and there are no $name" quality $name 0; done

api threads 0
expect "what a thread allocates after a start is recorded" live "1000030"
api ends 0
expect "all of it is in one trace" live "1000007 1000008" "@mark:both"
expect "that the exec did complete" equal "$(info "$trace" complete)" true
status out err env TMTRACE_START=0 TMTRACE_OUTPUT="$PWD/killed.tmz" LD_PRELOAD="$LIB" "$API" killed
trace=killed.tmz
expect "a kill loses nothing of the last session" live "1000010"
expect "nor of the one before" live "1000009" "@mark:alive"
expect "the limit is that of the last one" equal "$(info "$trace" nframe)" 2
"$TMTRACE" recover killed.tmz -o recovered.tmz >out 2>err
trace=recovered.tmz
expect "also in the recovered trace" live "1000009" "@mark:alive"
api late_forks 0
expect "only the child has a trace, with what it allocated from its start on" live "1000020"
status out err env TMTRACE_START=0 TMTRACE_OUTPUT=/absent/a.tmz LD_PRELOAD="$LIB" "$API" refused
cat out

# The header in every dialect; innermost is always the function that called.
cat >strict.c <<'END'
#include "tmtrace.h"
int main(void) { return tmtrace_track(7, 1, 1) == ENOSYS && tmtrace_stop() == ENOSYS ? 0 : 1; }
END
flags="-Wall -Wextra -Wshadow -pedantic-errors -Werror -I$SOURCE/preload"
builds='cc -std=c11 -O2
cc -std=c11 -O0
cc -std=c11 -O2 -no-pie -fno-pie
c++ -x c++ -std=c++11 -O2 -Wold-style-cast -Wno-error=old-style-cast
clang -std=c11 -O2
clang++ -x c++ -std=c++17 -O0'
echo "$builds" | while read -r build; do
	have "${build%% *}" || { skip "$build: not installed"; continue; }
	# shellcheck disable=SC2086  # words
	expect "$build compiles the header, strictly" $build $flags -o strict strict.c
	expect "$build: untraced, it does nothing" ./strict
	# shellcheck disable=SC2086
	$build -D_GNU_SOURCE -g -w -o api.build "$SOURCE/tests/programs/api.c" -pthread
	API=$PWD/api.build
	status out err "$API" untraced
	expect "$build: untraced, every function says so" sh -c '[ "$(grep -c ^ok out)" = 3 ] && ! grep -q "^not" out'
	api domains 1 | grep -v '^ok' || true
	trace=$(find . -name 'domains.*.tmz')
	"$TMTRACE" stats "$trace" -g function --domain-filter include,7 --format csv | cut -d, -f4- >functions
	expect "$build: the innermost frame is the caller's" \
		sh -c 'sort functions | sed "s/(.*//; s/\"//g" | tr "\n" " " | grep -q "domains .*tail "'
done
if cc -static -w -I"$SOURCE/preload" -o strict strict.c 2>err; then
	expect "a static program runs, untraced" env LD_PRELOAD="$LIB" ./strict
else
	skip "static: no static libc"
fi

# The example.
status plain err "$PROGRAMS/pool"
status out err env TMTRACE_OUTPUT="$PWD/pool.tmz" LD_PRELOAD="$LIB" "$PROGRAMS/pool"
expect "the pool works the same, traced or not" cmp plain out
"$TMTRACE" stats "pool.tmz@mark:before the release" --domain-filter include,7 -g traceback --format json >stats.json
expect "its objects have tracebacks" sh -c 'grep -q pool.c stats.json'
expect "and sizes" equal "$(check live 'pool.tmz@mark:before the release' 7 0 | tr ' ' '\n' | sort | uniq -c | tr -s ' ' | tr '\n' ';')" \
	" 500 100; 1023 16;"
expect "and are gone when it was released" equal "$(check live 'pool.tmz@mark:after the release' 7 17)" ""
"$TMTRACE" snapshot "pool.tmz@mark:before the release" -o kept.tmz
"$TMTRACE" stats kept.tmz --group-by domain --format plain >table
expect "a snapshot keeps the name of the domain" grep -q '^pool (7): .*count=1523,' table

# Installed.
make -s -C "$SOURCE" B="${B#"$SOURCE"/}" PREFIX="$PWD/root" install >out 2>&1
sed 's/"tmtrace.h"/<tmtrace.h>/' strict.c >installed.c
export PKG_CONFIG_PATH="$PWD/root/lib/pkgconfig"
expect "pkg-config finds the header" sh -c 'cc -o installed installed.c $(pkg-config --cflags --libs tmtrace)'
expect "and the library" test -f "$(pkg-config --variable=preload tmtrace)"
expect "there is a page on the functions" test -f root/share/man/man3/tmtrace.3
make -s -C "$SOURCE" B="${B#"$SOURCE"/}" PREFIX="$PWD/root" uninstall >out 2>&1
expect "uninstall leaves no file" equal "$(find root -type f)" ""
