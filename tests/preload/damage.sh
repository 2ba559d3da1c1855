# shellcheck shell=sh
# What is no whole trace: one clear line and status 1, or what can be read of it and a warning.
(LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/whole.tmz" exec "$PROGRAMS/handover" 2 100000) >/dev/null
refused() {
	status out err "$TMTRACE" stats "$1"
	expect "$1: status 1" equal "$status" 1
	expect "$1: one line, with the name" sh -c '[ "$(wc -l <err)" = 1 ] && grep -q "^tmtrace: .*$1" err' sh "$1"
	expect "$1: nothing on stdout" test ! -s out
}
: >empty.tmz
cp "$SOURCE/Makefile" foreign.tmz
head -c 20 whole.tmz >stub.tmz
mkdir directory.tmz
for file in empty foreign stub directory absent; do refused "$file.tmz"; done
size=$(stat -c %s whole.tmz)
for percent in 1 10 30 50 70 90; do
	head -c $((size * percent / 100)) whole.tmz >cut.tmz
	status out err "$TMTRACE" stats cut.tmz
	expect "cut at $percent %: status 0 or 1, never worse" test "$status" -le 1
	expect "cut at $percent %: it is said" test -s err
done
for place in 100 1000 $((size / 3)) $((size / 2)); do
	cp whole.tmz bad.tmz
	printf 'damage' | dd of=bad.tmz bs=1 seek="$place" conv=notrunc 2>/dev/null
	status out err "$TMTRACE" info bad.tmz
	expect "damaged at $place: status 0 or 1, never worse" test "$status" -le 1
	expect "damaged at $place: it is said" test -s err
done
# Each byte with EVERY_BYTE=1, else some of them; recovered, for the block at the end is mostly room that holds nothing.
(LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/raw.tmz" exec "$PROGRAMS/handover" 2 200) >/dev/null
"$TMTRACE" recover raw.tmz -o small.tmz
step=$(($(stat -c %s small.tmz) / 100 + 1))
expect "cut or changed anywhere, a trace takes at most twice the memory of the whole one, and it is told" \
	/usr/bin/python3 -I "$SOURCE/tests/preload/any_byte.py" small.tmz "${EVERY_BYTE:-$step}"
