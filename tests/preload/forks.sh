# shellcheck shell=sh
# One file for each process that does something; none for the others.
rm -f count.* trace.*
status plain.out plain.err "$PROGRAMS/forks"
status traced.out traced.err traced "$PROGRAMS/forks"
expect "it ends as untraced" equal "$status" 0
sed 's/ [0-9]*$//' plain.out >plain.kinds
sed 's/ [0-9]*$//' traced.out >traced.kinds
expect "it writes the same, process numbers aside" cmp plain.kinds traced.kinds
expect "and nothing to stderr" cmp plain.err traced.err
pid_of() { sed -n "s/^pid $1 //p" traced.out; }
exact "every process of the tree, the one that aborts included,"
expect "and that one left a journal" test -f "trace.$(pid_of abort).tmz.live"
expect "a child that execs has two traces" test -f "trace.$(pid_of exec).tmz.1"
rm -f trace.* count.*
status out err env TMTRACE_CHILDREN=0 sh -c '
	LD_PRELOAD=$1 TMTRACE_OUTPUT=$PWD/trace.%e.%p.tmz exec "$2"' sh "$LIB" "$PROGRAMS/forks"
expect "TMTRACE_CHILDREN=0 records the parent alone" equal "$(find . -name 'trace.*' | wc -l)" 1
rm -f trace.*
status out err env TMTRACE_OUTPUT="$PWD/trace.%p.tmz" LD_PRELOAD="$LIB" sh -c ': nothing'
(sleep 0 & wait)
expect "exec keeps to one file for each program" test "$(find . -name 'trace.*' | wc -l)" -ge 1
