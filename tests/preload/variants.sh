# shellcheck shell=sh
# The same line, whichever way a program was built, stripped, moved or exchanged; or the reason why not.
cat >prog.c <<'END'
#include <stdlib.h>

void *volatile kept;

static inline __attribute__((always_inline)) void *inner(size_t size)
{
	return malloc(size);
}

static __attribute__((noinline)) void outer(size_t size)
{
	kept = inner(size);
	kept = (char *)kept + 1;
}

int main(void)
{
	for (int i = 0; i < 10; i++)
		outer(11111);
	return 0;
}
END
sed 's/malloc(size)/new char[size]/' prog.c >prog.cc
HERE=$PWD

# build COMPILER FLAGS...: w/prog.
build() {
	compiler=$1
	shift
	rm -rf w
	mkdir w
	case "$compiler" in
	*++*) cp prog.cc w && set -- "$@" prog.cc ;;
	*) cp prog.c w && set -- "$@" prog.c ;;
	esac
	(cd w && "$compiler" -O1 -Wl,--build-id "$@" -o prog) >build.out 2>&1
}
run() { "$TMTRACE" run -o w/x.tmz -- w/prog 2>run.err; }
field() { /usr/bin/python3 -I -c 'import json, sys
module = [m for m in json.load(open("info.json"))["modules"] if m["path"].endswith("/prog")][0]
print(module["debug"], module.get("state", "-"), module["unresolved_size"])'; }
row() { "$TMTRACE" stats w/x.tmz --format csv "$@" | sed -n '2s/[0-9.]*,\([^,]*\)$/\1/p' | sed "s|$PWD/||"; }
look() { # OPTION...: asks all there is to ask
	"$TMTRACE" info w/x.tmz --format json "$@" >info.json
	"$TMTRACE" info w/x.tmz "$@" >info.txt
	row "$@" >line
	row -g function "$@" >named
}
# lines NAME FUNCTION [OPTION...]: the table has the line, under FUNCTION.
lines() {
	name=$1 function=$2
	shift 2
	look "$@"
	case "$name" in
	*++*) file=prog.cc ;;
	*) file=prog.c ;;
	esac
	expect "$name: the line is right" equal "$(cat line)" "111110,10,w/$file:7"
	expect "$name: so is the function" equal "$(sed 's/(.*//' named)" "111110,10,$function"
	expect "$name: info says that there are lines" equal "$(field)" "dwarf - 0"
}
# told NAME FUNCTION DEBUG STATE TEXT [OPTION...]: no line, and that is why.
told() {
	name=$1 function=$2 debug=$3 state=$4 text=$5
	shift 5
	look "$@"
	expect "$name: no line is made up" equal "$(cat line)" "111110,10,prog:0"
	expect "$name: the function is what is known" equal "$(sed 's/(.*//' named)" "111110,10,$function"
	expect "$name: info says what there is" equal "$(field)" "$debug $state 111110"
	expect "$name: and why, and what to do" grep -q -- "prog .*$text" info.txt
}

# What not every compiler has been able to do.
may_fail() { case "$2" in *-gz=*) ;; *) not_ok "$1 builds with $2" && cat build.out ;; esac; }

with() { # COMPILER FLAGS...: one build for each
	compiler=$1
	shift
	have "$compiler" || return 0
	for flags; do
		# shellcheck disable=SC2086
		build "$compiler" $flags || { may_fail "$compiler" "$flags"; continue; }
		run
		lines "$compiler $flags" inner
	done
}
for compiler in gcc clang; do
	with "$compiler" -g1 -g -g3 -gdwarf-2 -gdwarf-3 -gdwarf-4 -gdwarf-5 "-g -gz" "-g -gz=zlib-gnu" "-g -gz=zstd" \
		"-g -gsplit-dwarf" "-g -fno-pie -no-pie" "-g -flto" "-g -Wl,--build-id=none" \
		"-g -ffunction-sections -Wl,--gc-sections"
done
for compiler in g++ clang++; do
	with "$compiler" -g1 -gdwarf-4 "-gdwarf-5 -fdebug-types-section" "-g -gz" "-gdwarf-4 -gsplit-dwarf"
done

# strip_into DEBUG_FILE: w/prog loses its debug information to it.
strip_into() {
	mkdir -p "$(dirname "$1")"
	objcopy --only-keep-debug w/prog "$1"
	objcopy --strip-all w/prog
}
link_to() { objcopy --add-gnu-debuglink="$1" w/prog; }
build_id() { LC_ALL=C readelf -n "$1" | sed -n 's/.*Build ID: //p'; }
# by_id DIR: where the debug file of w/prog is to be.
by_id() { build_id w/prog | sed "s|^\(..\)\(.*\)|$1/.build-id/\1/\2.debug|"; }

for compiler in gcc clang; do
	have "$compiler" || continue
	fresh() { build "$compiler" "$@"; }

	for way in "beside it" "in .debug" "in --debug-dir" "in --debug-dir with its path"; do
		for id in "" -Wl,--build-id=none; do
			fresh -g $id
			case "$way" in
			"beside it") to=w/prog.debug ;;
			"in .debug") to=w/.debug/prog.debug ;;
			"in --debug-dir") to=w/d/prog.debug ;;
			*) to=w/d/$HERE/w/prog.debug ;;
			esac
			strip_into "$to"
			link_to "$to"
			run
			lines "$compiler${id:+, no build-id}, a debug link to a file $way" inner --debug-dir w/d
		done
	done

	fresh -g -Wl,--build-id=none
	strip_into w/prog.debug
	link_to w/prog.debug
	echo >>w/prog.debug
	run
	told "$compiler, a debug link to a file with another checksum" prog:0 none - "build it with -g"

	fresh -g -DOTHER=1 -O0
	cp w/prog other
	fresh -g
	strip_into w/prog.debug
	link_to w/prog.debug
	objcopy --only-keep-debug other w/prog.debug
	run
	told "$compiler, a debug link to a file with another build-id" prog:0 none - "not found: .*/.build-id/"
	strip_into "$(by_id w/d)"
	objcopy --only-keep-debug other "$(by_id w/d)"
	told "$compiler, a file under its build-id that has another" prog:0 none - "not found: " --debug-dir w/d

	fresh -g
	strip_into "$(by_id w/d)"
	run
	lines "$compiler, a file under its build-id in --debug-dir" inner --debug-dir /nonexistent --debug-dir w/d
	told "$compiler, a file under its build-id that is not given" prog:0 none - "not found: /usr/lib/debug/.build-id/"
	rm w/prog
	lines "$compiler, deleted, but with a file under its build-id" inner --debug-dir w/d
	told "$compiler, stripped and deleted" prog:0 none missing "cannot read .*/w/prog: No such file"

	fresh -g0
	run
	told "$compiler, without -g" outer symtab - "build it with -g"
	fresh -g -s
	run
	told "$compiler, stripped entirely" prog:0 none - "build it with -g"
	fresh -g -s -Wl,--build-id=none
	run
	told "$compiler, stripped entirely, without build-id" prog:0 none - "it has no build-id to look for"

	fresh -g -Wl,--build-id=none
	run
	sleep 0.1
	touch w/prog
	told "$compiler, without build-id, written after the run" prog:0 none mismatch "may not be the file that ran"
	mkdir -p "w/root/$HERE/w"
	cp w/prog "w/root/$HERE/w"
	look --sysroot w/root
	expect "$compiler, without build-id, written after the run, in a --sysroot" equal "$(cat line)" "111110,10,w/prog.c:7"

	fresh -g
	run
	cp w/prog w/whole
	rm w/prog
	told "$compiler, deleted after the run" prog:0 none missing "cannot read .*/w/prog: No such file"
	mkdir w/prog
	told "$compiler, a directory in its place" prog:0 none missing "it is a directory"
	rmdir w/prog
	mkfifo w/prog
	told "$compiler, a named pipe in its place" prog:0 none missing "it is no regular file"
	rm w/prog
	head -c 8000 /dev/zero >w/prog
	told "$compiler, zeros in its place" prog:0 none missing "it is no 64-bit program, or damaged"
	cp other w/prog
	told "$compiler, rebuilt after the run" prog:0 none mismatch "its build-id differs"
	head -c 6000 w/whole >w/prog
	told "$compiler, cut short" prog:0 none - "damaged: it has been cut short"
	mv w/whole w/prog
	lines "$compiler, and back again" inner

	if have xz; then
		fresh
		nm -D --format=posix --defined-only w/prog | cut -d' ' -f1 | sort >dynamic
		cp w/prog w/mini
		objcopy -S --keep-symbol=outer w/mini
		xz w/mini
		objcopy -S --add-section .gnu_debugdata=w/mini.xz w/prog
		run
		told "$compiler, with .gnu_debugdata" outer symtab - "build it with -g"
	else
		skip "xz is not installed"
	fi
done

# partly NAME FUNCTION LINE TEXT [OPTION...]: the line, but not all that could be known, and info says why.
partly() {
	name=$1 function=$2 line=$3 text=$4
	shift 4
	look "$@"
	expect "$name: the line is right" equal "$(cat line)" "111110,10,$line"
	expect "$name: the function is what is known" equal "$(sed 's/(.*//' named)" "111110,10,$function"
	expect "$name: info says what is missing" grep -q -- "prog .*$text" info.txt
	expect "$name: and for scripts" grep -q -- "advice\":\"$text" info.json
}

if have dwz; then
	for flags in -gdwarf-4 -gdwarf-5; do
		common() { (cd w && cp prog twin && dwz -m common prog twin); }
		build gcc "$flags" -DOTHER -O0 && common
		cp w/common other
		build gcc "$flags" && common
		run
		lines "gcc $flags, its common parts moved by dwz" inner
		mv w/common w/gone
		case "$flags" in
		-gdwarf-4) line=prog.c:7 ;; # the folder was one of the common parts
		*) line=w/prog.c:7 ;;
		esac
		partly "gcc $flags, without the file that dwz made" "$line" "$line" "the file with its common parts is not there"
		cp other w/common
		partly "gcc $flags, with that of another build" "$line" "$line" "the file with its common parts is not there"
		rm w/common
		mkfifo w/common
		partly "gcc $flags, with a named pipe in its place" "$line" "$line" "the file with its common parts is not there"
		mkdir -p "w/d/.build-id"
		id=$(build_id w/gone)
		to=$(echo "$id" | sed 's|^..|w/d/.build-id/&/|').debug
		mkdir -p "$(dirname "$to")"
		mv w/gone "$to"
		lines "gcc $flags, with that file under its build-id" inner --debug-dir w/d
	done
else
	skip "dwz is not installed"
fi

for compiler in gcc clang; do
	have "$compiler" || continue
	for flags in -gdwarf-4 -gdwarf-5; do
		kind="$compiler $flags -gsplit-dwarf"
		build "$compiler" "$flags" -gsplit-dwarf
		run
		dwo=$(echo w/*.dwo)
		lines "$kind" inner
		mv "$dwo" w/gone
		partly "$kind, without its .dwo file" outer w/prog.c:7 "1 of the 1 .dwo files asked for are not there"
		mkfifo "$dwo"
		partly "$kind, a named pipe in its place" outer w/prog.c:7 "1 of the 1 .dwo files asked for are not there"
		rm "$dwo"
		build "$compiler" "$flags" -gsplit-dwarf -DOTHER -O0
		mv "$dwo" other
		build "$compiler" "$flags" -gsplit-dwarf
		run
		cp other "$dwo"
		partly "$kind, with that of another build" outer w/prog.c:7 "1 of the 1 .dwo files asked for are not there"
		have dwp || { skip "dwp is not installed"; continue; }
		build "$compiler" "$flags" -gsplit-dwarf
		run
		# GNU dwp of today falls over DWARF 5.
		(cd w && { dwp -e prog -o prog.dwp || llvm-dwp -e prog -o prog.dwp; }) >dwp.out 2>&1 ||
			{ skip "$kind cannot be packed by dwp"; continue; }
		rm "$dwo"
		if pkg-config --atleast-version=0.191 libdw; then
			lines "$kind, packed" inner
		else
			partly "$kind, packed" outer w/prog.c:7 "1 of the 1 .dwo files asked for are not there; .*needs libdw 0.191"
		fi
	done
done
