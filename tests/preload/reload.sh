# shellcheck shell=sh
# A library at the address of one that was unloaded is not mistaken for it.
recorded reload "$PROGRAMS/reload"
grep -q 'same address' plain.out || skip "the kernel put the libraries at different addresses"
"$TMTRACE" stats trace.*.tmz --format json --group-by function >stats.json
"$TMTRACE" stats trace.*.tmz --format json >lines.json
key() { /usr/bin/python3 -c 'import json, sys
print([(r["count"], r["size"]) for r in json.load(open("stats.json"))["statistics"] if r.get("key") == sys.argv[1]])' "$1"; }
expect "the blocks of library A are A's" equal "$(key allocate_in_a)" "[(100, 11100)]"
expect "the blocks of library B are B's" equal "$(key allocate_in_b)" "[(200, 44400)]"
line=$(grep -n 'malloc(111)' "$SOURCE/tests/programs/libreload_a.c" | cut -d: -f1)
expect "with A's file and line" check site lines.json libreload_a.c "$line" 100 11100
expect "and B's" check site lines.json libreload_b.c "$line" 200 44400
