# shellcheck shell=sh
# A library whose file is rewritten between two loads names nobody's blocks but its own; two that change places, too.
cat >lib.c <<'END'
#include <stdlib.h>
void *volatile sink;
void NAME(int n);
void NAME(int n)
{
	while (n--)
		sink = malloc(SIZE);
}
void THROUGH(void (*f)(int), int n);
void THROUGH(void (*f)(int), int n)
{
	f(n);
	sink = NULL;
}
END
cat >main.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
static void *open_library(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	return library;
}
int main(void)
{
	for (int i = 1; i <= 3; i++) {
		char name[40];
		void (*allocate)(int);
		snprintf(name, sizeof name, "cp gen%d.so new && mv new current.so", i);
		if (system(name) != 0)
			return 1;
		void *library = open_library("./current.so");
		snprintf(name, sizeof name, "allocate_%d", i);
		*(void **)&allocate = dlsym(library, name);
		printf("current.so generation %d at %p\n", i, (void *)allocate);
		allocate(10 * i);
		dlclose(library);
	}
	const char *paths[] = {"./left.so", "./right.so"};
	for (int i = 0; i < 2; i++) {
		void *first = open_library(paths[i]), *second = open_library(paths[!i]);
		void (*through)(void (*)(int), int);
		void (*allocate)(int);
		*(void **)&through = dlsym(first, i ? "through_right" : "through_left");
		*(void **)&allocate = dlsym(second, i ? "allocate_left" : "allocate_right");
		printf("places %d %p %p\n", i, (void *)through, (void *)allocate);
		through(allocate, 40);
		dlclose(second);
		dlclose(first);
	}
	return 0;
}
END
lib() { gcc -g -O1 -fno-builtin -fno-optimize-sibling-calls -fPIC -shared -Wl,--build-id "-DNAME=$2" "-DTHROUGH=$3" "-DSIZE=$4" -o "$1" "$5"; }
for n in 1 2 3; do lib "gen$n.so" "allocate_$n" "through_$n" "$((n * 1000))" lib.c; done
cp lib.c left.c
cp lib.c right.c
lib left.so allocate_left through_left 777 left.c
lib right.so allocate_right through_right 888 right.c
gcc -g -O1 -o main main.c -ldl
TMTRACE_CHILDREN=0 "$TMTRACE" run -o x.tmz -- ./main >plain.out 2>run.err
[ "$(sed -n 's/current.*at //p' plain.out | uniq | wc -l)" -eq 1 ] || skip "the kernel put the generations at different addresses"

size_of() { /usr/bin/python3 -I -c 'import json, sys
print([(r["count"], r["size"]) for r in json.load(open(sys.argv[1]))["statistics"] if r.get("key", "").startswith(sys.argv[2])])' "$@"; }
functions() { "$TMTRACE" stats x.tmz -g function --format json "$@" >functions.json; }
states() { "$TMTRACE" info x.tmz --format json | /usr/bin/python3 -I -c 'import json, sys
print(*[m["debug"] + m.get("state", "") for m in json.load(sys.stdin)["modules"] if m["path"].endswith("/current.so")])'; }
functions
expect "the last generation has its name" equal "$(size_of functions.json allocate_3)" "[(30, 90000)]"
expect "those whose file is gone have none, and not that of another" equal "$(size_of functions.json current.so:0)" "[(30, 50000)]"
expect "info tells which is which" equal "$(states)" "nonemismatch nonemismatch dwarf"
expect "whose advice says why" grep -q "current.so is not the file that ran: its build-id differs" <<END
$("$TMTRACE" info x.tmz)
END
for n in 1 2; do
	to=$(LC_ALL=C readelf -n "gen$n.so" | sed -n 's/.*Build ID: //p' | sed 's|^..|debug/.build-id/&/|').debug
	mkdir -p "$(dirname "$to")"
	objcopy --only-keep-debug "gen$n.so" "$to"
done
functions --debug-dir debug
expect "with their debug files each generation has its own name" equal \
	"$(for n in 1 2 3; do size_of functions.json "allocate_$n"; done)" "[(10, 10000)]
[(20, 40000)]
[(30, 90000)]"
rm current.so
functions --debug-dir debug
expect "the last one without its file has none" equal "$(size_of functions.json current.so:0)" "[(30, 90000)]"

[ "$(sed -n 's/places 0 //p' plain.out | cut -d' ' -f1)" = "$(sed -n 's/places 1 //p' plain.out | cut -d' ' -f1)" ] ||
	skip "the kernel did not let the two libraries change places"
"$TMTRACE" stats x.tmz -g traceback --format json >tracebacks.json
crossing() { /usr/bin/python3 -I -c 'import json, sys
for r in json.load(open("tracebacks.json"))["statistics"]:
    lines = [name.split("/")[-1] + ":" + str(line) for name, line in r["traceback"][:2]]
    if r["size"] == int(sys.argv[1]): print(r["count"], *lines)' "$1"; }
expect "a traceback from one library through the other has both their lines" equal "$(crossing 35520)" "40 right.c:7 left.c:12"
expect "and so it has when they have changed places" equal "$(crossing 31080)" "40 left.c:7 right.c:12"
functions --cumulative
expect "each under the name of its own" equal \
	"$(for name in allocate_left through_left allocate_right through_right; do size_of functions.json $name; done)" "[(40, 31080)]
[(40, 35520)]
[(40, 35520)]
[(40, 31080)]"
