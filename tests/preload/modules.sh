# shellcheck shell=sh
# Files that are not the ones that ran are told, in tables and in info.
have cc || { skip "no compiler"; exit 0; }
printf '#include <stdlib.h>\nvoid *volatile p;\nint main(void) { p = malloc(1000); return 0; }\n' >kept.c
cc -O1 -g -o kept kept.c
TMTRACE_OUTPUT=$PWD/kept.tmz LD_PRELOAD=$LIB ./kept
# What the JSON calls the program: its state, or else what was found in it.
module() {
	"$TMTRACE" info kept.tmz --format json |
		sed -n 's/.*"path":"[^"]*kept",.*"debug":"\([a-z]*\)"\(,"state":"\([a-z]*\)"\)*.*/\3 \1/p' | awk '{ print $1 }'
}

# says FACT STATE IN_STATS IN_INFO: what the two tables and the JSON call it.
says() {
	"$TMTRACE" stats kept.tmz >statistics
	"$TMTRACE" info kept.tmz >table
	expect "of $1 stats says '$3'" grep -q "$3" statistics
	expect "of $1 info says '$4'" grep -q "$4" table
	expect "of $1 the JSON says $2" equal "$(module)" "$2"
}
expect "the program has lines" test "$(module)" = dwarf
"$TMTRACE" stats kept.tmz >statistics
expect "nothing is said of lines that are there" test -z "$(grep 'no line' statistics)"
cp kept right
cc -O1 -g -DOTHER -fno-inline -o kept kept.c -Wl,--build-id=0x0123456789abcdef
says "a program built again" mismatch '(binary changed)' 'kept  *another file  *100.0 %.* is not the file that ran'
cc -O1 -g -o kept kept.c -Wl,--build-id=none
says "one without a build-id" mismatch '(binary changed)' 'is not the file that ran: it has no build-id'
expect "which has no names" test -z "$(grep main statistics)"
rm kept
says "one that is gone" missing '(binary is gone)' 'kept  *no file  *100.0 %.*cannot read'
mkfifo kept
says "a pipe in its place" missing '(binary is gone)' 'kept  *no file  *100.0 %.*cannot read'
rm kept
mkdir kept
says "a folder in its place" missing '(binary is gone)' 'kept  *no file  *100.0 %.*cannot read'
rmdir kept
head -c 4000 right >kept
"$TMTRACE" info kept.tmz >table
expect "of a part of it info says that lines are missing" grep -q 'kept  *[a-z ]*  *100.0 %' table
cp right kept
strip kept
says "a stripped one" none '(no symbols)' "not found: /usr/lib/debug/.build-id/"
expect "and that it may be built with -g" grep -q 'build it with -g' table
cp right kept
objcopy -g kept
says "one without debug information" symtab 'main (no debug info)' 'kept  *names only  *100.0 %'
