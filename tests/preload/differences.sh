# shellcheck shell=sh
# diff of two runs, and of two moments of one.
record() { (export LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/$1.tmz" && shift && exec "$@"); }
record old "$PROGRAMS/two_runs" >/dev/null
line=$(record new "$PROGRAMS/two_runs" extra)
"$TMTRACE" diff old.tmz new.tmz --format json >diff.json
expect "the call site that was added comes first" check first diff.json two_runs.c "$line" 1000 64000
"$TMTRACE" diff new.tmz old.tmz --format json >diff.json
expect "and so it does when it went away" check first diff.json two_runs.c "$line" -1000 -64000
"$TMTRACE" diff old.tmz old.tmz --format json >diff.json
expect "a run does not differ from itself" equal \
	"$(/usr/bin/python3 -c 'import json; print(sum(abs(r["size_diff"]) for r in json.load(open("diff.json"))["statistics"]))')" 0
record leak "$PROGRAMS/leak" >/dev/null
"$TMTRACE" diff leak.tmz@peak leak.tmz@end --format json --cumulative >diff.json
line=$(grep -n 'vector<char> report' "$SOURCE/tests/programs/leak.cc" | cut -d: -f1)
expect "what was there at the peak only is gone at the end" \
	/usr/bin/python3 -c 'import json, sys
rows = json.load(open("diff.json"))["statistics"]
sys.exit(not any(r["traceback"][0][1] == int(sys.argv[1]) and r["size_diff"] == -3 << 20 for r in rows))' "$line"
peak=$(info leak.tmz peak.size)
"$TMTRACE" stats leak.tmz@peak --format json >stats.json
expect "the total at the peak is the peak" equal "$(check get stats.json total.size)" "$peak"
"$TMTRACE" stats leak.tmz --format json >stats.json
expect "the total at the end is what lives" equal "$(check get stats.json total.size)" "$(info leak.tmz live.size)"
"$TMTRACE" stats leak.tmz@start --format json >stats.json
expect "nothing lives at the start" equal "$(check get stats.json total.count)" 0
