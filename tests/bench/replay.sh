#!/bin/sh
# Events a second of reading and replaying, by stage: replay.sh [FILE.tmz...]; without files, of programs recorded now.
set -eu
B=${B:-build}
if [ $# -eq 0 ]; then
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	record() {
		name=$1
		shift
		PYTHONMALLOC=malloc PYTHONHASHSEED=0 "$B/tmtrace" run -o "$scratch/$name.tmz" -- "$@" >"$scratch/out" 2>&1 ||
			{ cat "$scratch/out" >&2 && exit 1; }
		rm -f "$scratch/out"
	}
	make --no-print-directory B="$B" "$B/tests/handover" >/dev/null
	record json_loop /usr/bin/python3 tests/bench/json_loop.py
	record objects /usr/bin/python3 tests/bench/objects.py
	record handover "$B/tests/handover" 4 550000
	compiler=$(c++ -print-prog-name=cc1plus)
	if [ -x "$compiler" ]; then
		printf '#include <%s>\n' map regex functional iostream | c++ -E -x c++ - >"$scratch/headers.ii"
		record cc1plus "$compiler" -quiet -O1 -o /dev/null "$scratch/headers.ii"
	fi
	set -- "$scratch"/*.tmz
fi
"$B/tests/replay_speed" "$@"
