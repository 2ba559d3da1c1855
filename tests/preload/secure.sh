# shellcheck shell=sh
# What SECURITY.md promises of files, of other users and of what a trace names.
(LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/whole.tmz" exec "$PROGRAMS/handover" 2 20000) >/dev/null

# Traces that are written again are as private as recorded ones, whatever the umask; others are not.
umask 000
"$TMTRACE" export whole.tmz -o whole.jsonl
for command in "snapshot whole.tmz" "recover whole.tmz" "symbolize whole.tmz" "import whole.jsonl"; do
	# shellcheck disable=SC2086
	"$TMTRACE" $command -o new.tmz 2>err
	expect "${command%% *} makes a file of mode 0600" equal "$(stat -c %a new.tmz)" 600
	rm -f new.tmz
done
umask 022

# Programs that gain rights, loaded with the library as a preloaded one and as a linked one, which the loader allows.
if [ "$(id -u)" = 0 ] && have setpriv; then
	place=$(mktemp -d "${TMPDIR:-/tmp}/tmtrace-secure-XXXXXX")
	chmod 755 "$place"
	mkdir -m 777 "$place/open"
	cp "$LIB" "$place/libtmtrace.so"
	cp "$PROGRAMS/exits" "$place/plain"
	${CC:-cc} -O1 -D_GNU_SOURCE -o "$place/linked" "$SOURCE/tests/programs/exits.c" -pthread -Wl,--no-as-needed \
		"$place/libtmtrace.so" -Wl,-rpath,"$place"
	as() { setpriv --reuid 65534 --regid 65534 --clear-groups -- env TMTRACE_OUTPUT="$place/open/x.tmz" "$@"; }
	status out err as "$place/linked" exit
	expect "a program linked with the library is recorded" equal "$status $(ls "$place/open")" "3 x.tmz"
	rm -f "$place/open"/*
	for program in plain linked; do
		chmod 4755 "$place/$program"
		status out err as LD_PRELOAD="$place/libtmtrace.so" TMTRACE_NFRAME=wrong "$place/$program" exit
		expect "a set-user-ID program runs ($program)" equal "$status" 3
		expect "and has made no file ($program)" equal "$(ls "$place/open")" ""
		expect "nor looked at TMTRACE_NFRAME ($program)" sh -c '! grep -q NFRAME err'
		chmod 755 "$place/$program"
		/usr/bin/python3 -I -c 'import os, struct, sys # CAP_NET_RAW
os.setxattr(sys.argv[1], "security.capability", struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0))' "$place/$program"
		status out err as LD_PRELOAD="$place/libtmtrace.so" TMTRACE_NFRAME=wrong "$place/$program" exit
		expect "a program with file capabilities runs ($program)" equal "$status" 3
		expect "and has made no file, either ($program)" equal "$(ls "$place/open")" ""
	done
	rm -rf "$place"
	mapped() { # OWNER: names that a map of that owner gives to the program with its number
		rm -f mapped.tmz*
		# shellcheck disable=SC2016
		sh -c 'map=/tmp/perf-$$.map
			echo "7f0000000000 1000 forged" >"$map" && touch -d "1 hour" "$map" && chown "$1" "$map"
			LD_PRELOAD="$LIB" TMTRACE_OUTPUT=mapped.tmz exec "$PROGRAMS/holes" zero_sizes' sh "$1"
		rm -f "/tmp/perf-$(info mapped.tmz pid).map"
		info mapped.tmz jit.names
	}
	expect "the map of a JIT compiler is copied" equal "$(mapped 0)" 1
	expect "and that of another user is not" equal "$(mapped 65533)" 0
else
	skip "programs that gain rights, and files of other users: not root, or no setpriv"
fi

# Modules and sources at paths where no files are, but pipes, devices, folders, links in a ring, files of the kernel.
mkfifo pipe
ln -s ring ring
mkdir folder
ln -s /proc/self/mem link
n=1
{
	echo "process pid=9 exe=/h cwd=/ host=h time=1000000000 clock=2"
	for path in "$PWD/pipe" "$PWD/ring" "$PWD/folder" "$PWD/link" "$PWD/absent" /dev/zero /dev/tty /dev/stdin \
		/proc/kcore /proc/kmsg /proc/self/mem /proc/self/environ /sys/kernel/debug/tracing/trace_pipe "$PWD/pipe/x" \
		../../../../../../etc/passwd "$PWD/whole.tmz" "; touch $PWD/executed" "\$(touch $PWD/executed)"; do
		text=$(echo "$path" | sed 's/ /\\s/g')
		echo "module $n $text start=0x${n}00000 size=0x10000 build_id=$(printf '%040d' $n)"
		echo "frame f$n 0x${n}00010 $n $text $text:1 fn"
		echo "frame g$n 0x${n}00020 $n $text"
		echo "alloc 0x${n}000 50 f$n"
		echo "alloc 0x${n}100 50 g$n"
		n=$((n + 1))
	done
} >odd.txt
# shellcheck disable=SC2046
(cd "$SOURCE" && ${CC:-cc} -std=c11 -D_GNU_SOURCE -I. -O1 -o "$OLDPWD/make_trace" tests/make_trace*.c common/*.c \
	$(pkg-config --libs libzstd))
./make_trace odd.txt odd.tmz
export XDG_CACHE_HOME="$PWD/cache"
mkdir work
for command in "stats" "stats -g traceback --format traceback" "info" "dump" "verify" "symbolize -o work/s.tmz" \
	"snapshot -o work/n.tmz" "recover -o work/r.tmz" "export"; do
	# shellcheck disable=SC2086
	status out err timeout 20 "$TMTRACE" $command odd.tmz </dev/null
	expect "$command ends, whatever stands at the paths of modules and sources" test "$status" -le 1
	expect "$command reads none of them as a source" sh -c '! grep -aEq "root:x:0|PATH=" out'
done
expect "nothing was executed" test ! -e executed
expect "and no file made but what was asked for" equal "$(echo work/*)" "work/n.tmz work/r.tmz work/s.tmz"
if have strace && strace -o /dev/null true 2>/dev/null; then
	for command in "stats" "info" "symbolize -o work/s.tmz"; do
		# shellcheck disable=SC2086
		strace -f -qq -e trace=execve,execveat,fork,vfork,open,openat,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,link,linkat,symlink,symlinkat \
			-o calls "$TMTRACE" $command odd.tmz >out 2>err </dev/null || true
		expect "$command starts no program" equal "$(grep -cE 'execve(at)?\(|fork\(' calls)" 1
		grep -E 'O_WRONLY|O_RDWR|O_CREAT|rename|unlink|mkdir|link\(' calls |
			grep -v "\"$PWD/cache\|\"cache\|tmtrace\.[A-Za-z0-9]*\"\|\"tmtrace\"\|\.part\"\|/dev/null" >writes || true
		expect "$command writes nowhere but into its output and its cache" test ! -s writes
		refuse "$command opens no pipe, device or file of the kernel that the trace names" grep -E \
			'"('"$PWD"'/(pipe|link|ring|folder)|/dev/(zero|tty|stdin)|/proc/(kcore|kmsg|self/mem|self/environ)|/sys/kernel/debug/[^"]*)"' calls
	done
else
	skip "the system calls of the analyzer: no strace"
fi
