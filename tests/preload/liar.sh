# shellcheck shell=sh
# The check mode notices a stack that is wrong: a library that tells every thousandth one wrong, tests/stacks/liar.c.
if ! ldconfig -p | grep -q 'libunwind-x86_64.so.8'; then
	skip "the check mode: there is no libunwind"
	return 0
fi
check_with() {
	rm -f trace.tmz
	status out err env LD_PRELOAD="$1" TMTRACE_CHECK_STACKS=1 TMTRACE_OUTPUT="$PWD/trace.tmz" "$PROGRAMS/exits" exit
	expect "$2: the program ends as ever" equal "$status" 3
	expect "$2: 10,000 stacks are checked" test "$(info trace.tmz quality.checked_stacks)" -ge 10000
}
check_with "$LIB" honest
expect "honest: no stack differs" equal "$(info trace.tmz quality.stack_differences)" 0
check_with "$PROGRAMS/libtmtrace-liar.so" liar
checked=$(info trace.tmz quality.checked_stacks) differ=$(info trace.tmz quality.stack_differences)
# Once as it is, and once more where the next stack keeps the frame.
lies=$((checked / 1000))
expect "liar: every lie is counted" test "$differ" -ge "$lies" -a "$differ" -le $((2 * lies))
"$TMTRACE" info trace.tmz >info.txt
expect "liar: people are told how many" grep -q " stacks checked, $differ differ" info.txt
"$TMTRACE" info --format json trace.tmz >info.json
expect "liar: the first of them are told with both innermost frames" /usr/bin/python3 -I -c '
import json, sys
told = json.load(open("info.json"))["stack_differences"]
lies = [one for one in told if one["same"] == 0]
sys.exit(not lies or any(int(one["walked"][0], 16) != int(one["reference"][0], 16) ^ 1 for one in lies))'
