# shellcheck shell=sh
# Two builds in other folders, loaded at other addresses, compare by names; a snapshot needs no program.
cat >leak.c <<'END'
#include <stdio.h>
#include <stdlib.h>

static __attribute__((noinline)) void *node(size_t size)
{
	return malloc(size);
}

int main(int argc, char **argv)
{
	void *volatile kept = NULL;

	for (int i = 0; i < 10; i++)
		kept = node(100);
	for (int i = 1; i < argc; i++)
		kept = calloc(7, 11);
	fprintf(stderr, "%p\n", (void *)&main);
	return kept == NULL || !argv;
}
END
for build in one two; do
	mkdir "$build"
	cp leak.c "$build"
	"${CC:-cc}" -g -O1 -fPIE -pie -fno-omit-frame-pointer -o "$build/leak" "$PWD/$build/leak.c"
done
record() { # NAME PROGRAM ARGUMENT...
	trace=$1.tmz
	shift
	"$TMTRACE" run -o "$trace" -- "$@" 2>address
}
record one one/leak && mv address first
record again one/leak && mv address second
record two two/leak more
refuse "two runs are loaded at other addresses" cmp -s first second

compare() { # OLD NEW WORD...: the differences, all keys that have names
	old=$1 new=$2
	shift 2
	for key in lineno filename traceback function module; do
		"$TMTRACE" diff "$old" "$new" -g "$key" --format csv "$@" | awk -F, -v key="$key" \
			'NR > 1 { n++; if ($2 || $4) print key, $2, $4 } END { if (!n) print key, "is empty" }'
	done
}
changes() { compare "$@" >changes; }
changes one.tmz again.tmz
expect "two runs of one build do not differ, by any name" cmp changes /dev/null
changes one.tmz two.tmz --filter 'include,all-frames,pattern=*/leak.c'
expect "two builds in other folders differ in all of their lines" grep -q '^lineno -1000 -10$' changes
changes one.tmz two.tmz --strip-prefix "$PWD/one" --strip-prefix "$PWD/two/"
printf '%s 77 1\n' lineno filename traceback function module >wanted
expect "without their folders they differ in one call" cmp changes wanted
"$TMTRACE" diff one.tmz two.tmz --format plain --strip-prefix "$PWD/one" --strip-prefix "$PWD/two/" >lines
expect "which is told with its line" grep -qxF 'leak.c:16: size=77 B (+77 B), count=1 (+1), average=77 B' lines

for name in one two; do
	"$TMTRACE" snapshot "$name.tmz" -o "$name.snapshot.tmz"
	for key in lineno traceback function module; do
		"$TMTRACE" stats "$name.tmz" -g "$key" --format json | tail -n +2 >"$name.$key"
	done
done
rm -r one two
for name in one two; do
	for key in lineno traceback function module; do
		"$TMTRACE" stats "$name.snapshot.tmz" -g "$key" --format json | tail -n +2 >told
		expect "a snapshot tells the same when the program is gone, $name by $key" cmp "$name.$key" told
	done
done
changes one.snapshot.tmz two.snapshot.tmz --strip-prefix "$PWD/one" --strip-prefix "$PWD/two"
expect "snapshots of builds that are gone compare" cmp changes wanted
refuse "the recording itself has no lines any more" grep -q "leak.c" <<END
$("$TMTRACE" stats one.tmz --format plain 2>&1)
END
