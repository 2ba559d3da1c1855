# shellcheck shell=sh
# A second command on one trace says the same, wherever its names come from, and whatever is done to the cache meanwhile.
cat >app.cc <<'EOF'
#include <map>
#include <string>
#include <vector>
std::map<std::string, std::vector<int>> *all;
int main()
{
	all = new std::map<std::string, std::vector<int>>;
	for (int i = 0; i < 1000; i++)
		(*all)[std::string(40, (char)('a' + i % 20))].push_back(i);
}
EOF
g++ -g -O2 -o app app.cc
"$TMTRACE" run -o app.tmz -- ./app 2>run.err
sleep 0.1 # what was just written is not cached
export XDG_CACHE_HOME="$PWD/cache"
count() { find cache -type f ! -name '*.part' 2>/dev/null | wc -l; }
ask() { "$TMTRACE" "$@" 2>&1; }

ask stats --no-cache app.tmz >bare
expect "--no-cache makes none" equal "$(count)" 0
ask stats app.tmz >first
expect "the first command leaves something for the second" test "$(count)" -gt 0
ask stats app.tmz >second
expect "which says the same" cmp first second
expect "as without a cache" cmp bare first
for words in "stats -g traceback -n 0 --format plain" "stats --cumulative --format json" "stats -g function --no-demangle" \
	"stats -g traceback --no-inlines --format traceback" "stats --show-allocators -n 0" "info" "info --format json"; do
	# shellcheck disable=SC2086  # words
	ask $words --no-cache app.tmz >bare
	for time in first second; do
		# shellcheck disable=SC2086
		ask $words app.tmz >said
		expect "$words says the same with it, $time time" cmp bare said
	done
done
expect "files in it are the user's alone" equal "$(find cache -type f ! -perm 600)" ""
expect "and so is the folder" equal "$(stat -c %a cache/tmtrace)" 700

# Two at once, each finding what the other does not, and someone who deletes the folder.
ask stats --no-cache -g traceback -n 0 --format plain app.tmz >deep
ask stats --no-cache app.tmz >flat
wrong=
for time in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ $((time % 3)) -gt 0 ] || rm -rf cache || true
	ask stats -g traceback -n 0 --format plain app.tmz >one &
	ask stats app.tmz >two &
	[ $((time % 4)) -gt 0 ] || rm -rf cache || true
	wait
	cmp one deep && cmp two flat || wrong=1
done >two.diff 2>&1
expect "two commands at once do not disturb each other" equal "$wrong" ""
ask stats -g traceback -n 0 --format plain app.tmz >said
expect "nor leave anything wrong" cmp deep said
expect "or half written" equal "$(find cache -name '*.part')" ""

# Where it cannot be.
says_flat() {
	ask stats app.tmz >said
	expect "$1" cmp flat said
}
for file in cache/tmtrace/*; do echo damage >"$file"; done
says_flat "damaged files are ignored"
for file in cache/tmtrace/*; do
	mv "$file" cache/real && ln -s ../real "$file"
done
says_flat "links are ignored"
(ulimit -f 0 && exec "$TMTRACE" stats app.tmz) 2>&1 | cat >said
expect "a limit on the size of files is obeyed" cmp flat said
mkdir -m 555 locked disk
[ "$(id -u)" = 0 ] || XDG_CACHE_HOME=$PWD/locked says_flat "a folder that cannot be written is no error"
for folder in relative /dev/null/none /proc/1 ""; do
	XDG_CACHE_HOME=$folder HOME=/dev/null says_flat "nor is XDG_CACHE_HOME='$folder'"
done
if mount -t tmpfs -o size=4k none disk 2>/dev/null; then
	XDG_CACHE_HOME=$PWD/disk says_flat "nor is a disk that gets full"
	head -c 4096 /dev/zero >disk/full 2>/dev/null || true
	XDG_CACHE_HOME=$PWD/disk says_flat "nor one that is"
	expect "on which nothing half-written is left" equal "$(find disk -name '*.part')" ""
	mount -o remount,ro disk
	XDG_CACHE_HOME=$PWD/disk says_flat "nor one that is read-only"
	umount disk
else
	skip "only root fills disks"
fi

# Built again: the old trace has no right file any more, the new one its own lines.
sed -i '1i // one line more' app.cc
g++ -g -O2 -o app app.cc
ask stats --no-cache app.tmz >bare
ask stats app.tmz >said
expect "a program that was built again is not answered from the cache" cmp bare said
refuse "since it is another one" cmp flat said
"$TMTRACE" run -o new.tmz -- ./app 2>run.err
ask stats --no-cache new.tmz >bare
ask stats new.tmz >said
expect "and its own trace has its own lines" cmp bare said
expect "which moved" grep -q 'app.cc:8' said
