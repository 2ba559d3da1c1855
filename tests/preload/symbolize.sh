# shellcheck shell=sh
# A symbolized copy says where nothing else is what the recording says where the binaries are.
have "${CXX:-c++}" || { skip "no C++ compiler"; exit 0; }
mkdir src copy
cat >src/held.cc <<'CC'
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>
#include <unistd.h>
namespace store {
template <typename T> struct shelf {
	std::map<std::string, std::vector<T>> rows;
	void put(int i, T value) { rows["a key that is too long for its string " + std::to_string(i)].push_back(value); }
};
static shelf<std::shared_ptr<std::string>> shelf_;
static inline char *kept(const char *text) { return strdup(text); }
}
int main(int argc, char **argv)
{
	for (int i = 0; i < 300; i++)
		store::shelf_.put(i, std::make_shared<std::string>(std::string(20 + i, 'x')));
	for (int i = 0; i < 30; i++)
		if (!store::kept(argv[0])) return 1;
	if (argc > 1) raise(SIGKILL);
	_exit(0);
}
CC
"${CXX:-c++}" -O2 -g -o held src/held.cc
rm -r src

# says DIRECTORY OPTION...: everything that every view says of held.tmz there. Source text is no part of it.
says() (
	cd "$1" || exit
	shift
	set -- --source-dir /=nowhere --source-dir .=nowhere "$@"
	for key in lineno filename traceback function module domain thread; do
		for option in --no-inlines --no-demangle --show-allocators -b; do
			"$TMTRACE" stats -n 0 -g "$key" "$option" "$@" held.tmz --format json
		done
		"$TMTRACE" stats -g "$key" "$@" held.tmz@peak --format table
		"$TMTRACE" stats -g "$key" "$@" held.tmz@event:200 --format traceback
		"$TMTRACE" stats -g "$key" --no-inlines --no-demangle --show-allocators "$@" held.tmz --format csv
		"$TMTRACE" diff -g "$key" "$@" held.tmz@event:200 held.tmz --format plain
	done
	shift 4
	"$TMTRACE" export "$@" held.tmz
	"$TMTRACE" dump held.tmz
)
nowhere="--sysroot $PWD/nowhere"

TMTRACE_OUTPUT=$PWD/held.tmz LD_PRELOAD=$LIB ./held
says . >original
expect "there are lines to lose" grep -q held.cc:19 original
expect "there are mangled names to lose" grep -q _ZN5store original
"$TMTRACE" symbolize held.tmz -o copy/held.tmz 2>said
expect "it says how much has lines" grep -q "^tmtrace: copy/held.tmz: [0-9]* of [0-9]* addresses have lines, [0-9]* a function only" said
# shellcheck disable=SC2086
says copy $nowhere >copied
expect "the copy says it all without any file" cmp original copied
"$TMTRACE" verify copy/held.tmz >said
expect "the copy is whole" grep -q "are whole" said
# shellcheck disable=SC2086
"$TMTRACE" info $nowhere copy/held.tmz --format json >info.json
expect "info knows where the names come from" grep -q 'held",.*"debug":"dwarf"' info.json

# shellcheck disable=SC2086
"$TMTRACE" symbolize $nowhere copy/held.tmz -o again.tmz 2>said
expect "a copy of the copy has the same names" cmp copy/held.tmz again.tmz

"$TMTRACE" snapshot held.tmz@peak -o peak.tmz
for key in lineno filename traceback function module domain thread; do
	"$TMTRACE" diff -g "$key" held.tmz@peak peak.tmz --format csv | tail -n +2 | grep -v ',0,[0-9]*,0,' >difference || true
	expect "a snapshot differs from its original in no $key" test ! -s difference
	for option in --no-demangle --no-inlines --show-allocators -b; do
		"$TMTRACE" stats -n 0 -g "$key" "$option" held.tmz@peak --format csv >a
		# shellcheck disable=SC2086
		"$TMTRACE" stats -n 0 -g "$key" "$option" $nowhere peak.tmz --format csv >b
		expect "a snapshot obeys $option by $key" cmp a b
	done
done

mv held.tmz whole.tmz
{ status out err env TMTRACE_OUTPUT="$PWD/held.tmz" LD_PRELOAD="$LIB" ./held kill; } 2>/dev/null
expect "a killed program leaves a journal" test -s held.tmz.live
says . >original
"$TMTRACE" symbolize held.tmz -o copy/held.tmz 2>said
# shellcheck disable=SC2086
says copy $nowhere >copied
expect "the journal is in the copy" cmp original copied

"$TMTRACE" symbolize peak.tmz -o copy/peak.tmz 2>said
"$TMTRACE" stats -g traceback -n 0 peak.tmz --format csv >a
# shellcheck disable=SC2086
"$TMTRACE" stats -g traceback -n 0 $nowhere copy/peak.tmz --format csv >b
expect "a snapshot that is symbolized stays as it is" cmp a b
expect "and remains a snapshot" grep -q '"snapshot":' - <<INFO
$("$TMTRACE" info copy/peak.tmz --format json)
INFO

TMTRACE_OUTPUT=$PWD/reload.tmz LD_PRELOAD=$LIB "$PROGRAMS/reload" >/dev/null
"$TMTRACE" symbolize reload.tmz -o copy/reload.tmz 2>said
"$TMTRACE" stats -n 0 reload.tmz --format csv >a
# shellcheck disable=SC2086
"$TMTRACE" stats -n 0 $nowhere copy/reload.tmz --format csv >b
expect "of two libraries at one address each keeps its names" cmp a b
expect "which are lines of both" test "$(grep -c 'libreload_[ab]\.c' b)" -ge 2

have objcopy || { skip "no objcopy"; exit 0; }
id=$("$TMTRACE" info --format json whole.tmz | sed -n 's/.*held","build_id":"\([0-9a-f]*\)".*/\1/p')
mkdir -p "debug/.build-id/$(echo "$id" | cut -c1-2)"
objcopy --only-keep-debug held "debug/.build-id/$(echo "$id" | cut -c1-2)/$(echo "$id" | cut -c3-).debug"
cp whole.tmz held.tmz
rm held.tmz.live
says . >original
strip held
"$TMTRACE" symbolize held.tmz -o names.tmz 2>said
"$TMTRACE" stats names.tmz --format plain >lines
expect "a stripped program has no lines" test -z "$(grep held.cc lines)"
"$TMTRACE" symbolize names.tmz --debug-dir debug -o copy/held.tmz 2>said
# shellcheck disable=SC2086
says copy $nowhere >copied
expect "lines are added where the debug files are" cmp original copied

printf 'int main(void) { return 0; }\n' >other.c
cc -g -o held other.c
"$TMTRACE" symbolize held.tmz -o other.tmz 2>said
# shellcheck disable=SC2086
"$TMTRACE" stats -g function $nowhere other.tmz --format plain >lines
expect "a program that is not the one that ran gives no names" test -z "$(grep main lines)"

status out err "$TMTRACE" symbolize whole.tmz -o whole.tmz
expect "the trace itself is never written to" test "$status" = 2
status out err "$TMTRACE" symbolize nothing.tmz -o copy/held.tmz
expect "what cannot be read leaves the output alone" cmp copied - <<OLD
$(says copy --sysroot "$PWD/nowhere")
OLD
