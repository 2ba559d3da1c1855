# shellcheck shell=sh
# How trace files are named, made and kept from harm.
record() { env LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$1" "$PROGRAMS/exits" exit; }
umask 022
status out err record same.tmz
status out err record same.tmz
status out err record same.tmz
expect "a name that is taken gets .1, .2" test -f same.tmz -a -f same.tmz.1 -a -f same.tmz.2
expect "each of them is whole" sh -c 'for t in same.tmz*; do "$TMTRACE" verify "$t" || "$TMTRACE" info "$t" || exit 1; done'
expect "the mode is 0600" equal "$(stat -c %a same.tmz)" 600
echo stale >stale.tmz.live
status out err record stale.tmz
status out err "$TMTRACE" run -o stale.tmz -- "$PROGRAMS/exits" exit
expect "a name whose journal is there counts as taken" test ! -e stale.tmz -a -f stale.tmz.1 -a -f stale.tmz.2
expect "and that journal stays as it is" equal "$(cat stale.tmz.live)" stale
rm stale.tmz.live
umask 000
status out err record open.tmz
expect "the mode is 0600 whatever the umask" equal "$(stat -c %a open.tmz)" 600
umask 022
echo precious >precious
ln -s precious link.tmz
ln -s nowhere dangling.tmz
status out err record link.tmz
status out err record dangling.tmz
expect "a symbolic link is not followed" equal "$(cat precious)" precious
expect "nor is a dangling one" test ! -e nowhere
expect "the trace is beside it" test -f link.tmz.1 -a -f dangling.tmz.1
if [ "$(id -u)" = 0 ]; then as="setpriv --reuid 65534 --clear-groups --"; else as=; fi
mkdir -m 0555 closed
# shellcheck disable=SC2086
status out err $as env LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/closed/x.tmz" "$PROGRAMS/exits" exit
expect "where no file can be made the program runs" equal "$status" 3
expect "after one line" equal "$(wc -l <err)" 1
# shellcheck disable=SC2086
status out err $as env LD_PRELOAD="$LIB" TMTRACE_OUTPUT="$PWD/closed/%p.tmz" "$PROGRAMS/forks"
expect "and its children say nothing" equal "$(grep -c tmtrace err)" 1
status out err record "$PWD/absent/x.tmz"
expect "the same where the directory is missing" equal "$status $(wc -l <err)" "3 1"
status out err sh -c 'ulimit -f 8; exec env LD_PRELOAD="$LIB" TMTRACE_OUTPUT=limited.tmz "$PROGRAMS/handover" 2 100000'
expect "a limit on file sizes does not end the program" equal "$status" 0
expect "no journal is left behind" equal "$(find . -name '*.live' | wc -l)" 0
