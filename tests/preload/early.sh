# shellcheck shell=sh
# A library of the program is initialised before the recorder: what it allocates by then works as untraced.
BEHIND="$PROGRAMS/libearly.so"
status plain.out plain.err untraced "$PROGRAMS/exits" exit
expect "untraced, it ends with status 3" equal "$status $(tail -n 1 plain.out)" "3 all was kept"
status out err env LD_PRELOAD="$LIB $BEHIND" TMTRACE_OUTPUT="$PWD/early.tmz" "$PROGRAMS/exits" exit
expect "every block that it has from before the recorder is as it must be" equal "$status $(tail -n 1 out)" "3 all was kept"
expect "all is recorded from the recorder's begin on" test "$(info early.tmz events.allocations)" -ge 10000
expect "a block from before is no unknown one" equal "$(info early.tmz quality.unknown_frees)" 0
