# shellcheck shell=sh
# What forked children inherit, whichever way they are born: tests/programs/tree.c knows what each process holds.
descent() { /usr/bin/python3 -I "$SOURCE/tests/preload/descent.py" "$@"; }

# family KIND [VARIABLE=VALUE...]: runs it, and leaves trace.PID.tmz of each process and what they said in out.
family() {
	kind=$1
	shift
	rm -f trace.* out
	status out err env "$@" TMTRACE_OUTPUT="$PWD/trace.%p.tmz" LD_PRELOAD="$LIB" "$PROGRAMS/tree" "$kind"
	set -- "$kind${1:+, $*}"
	expect "$1: it ends well and says nothing else" sh -c "[ $status = 0 ] && ! [ -s err ]"
	expect "$1: the events before each fork leave what the child says it inherited" descent replayed out "$PWD/trace"
	expect "$1: every snapshot holds it too" descent told out "$PWD/trace"
}
# Traces with an inherited part, and the others.
children() { grep -c ^born out; }
sum_of() { for trace in trace.*.tmz*; do info "$trace" "$1"; done | awk '{ sum += $1 } END { print sum }'; }
trace_of() { sed -n "$2s/^$1 \([0-9]*\) .*/trace.\1.tmz/p" out; } # what, and the number of the line

family tree
expect "tree: there are four generations, and one that replaced its program" equal "$(grep -c ^held out) $(children)" "7 5"
expect "tree: what lives in all processes is what they say, together" descent sum out "$PWD/trace"
expect "tree: frees of inherited blocks are no unknown frees" equal "$(sum_of quality.unknown_frees)" 0
expect "tree: the parent went on for many blocks of events" \
	test "$(info "$(trace_of held '$')" events.allocations)" -gt 10000
exec=$(echo trace.*.tmz.1)
expect "tree: a program that replaced another one inherits nothing" equal "$(descent parent "$exec")" none
expect "tree: and is told from its predecessor by the moment when it began" \
	sh -c '! cmp -s -n 24 -i 8 "$1" "${1%.1}"' sh "$exec"

for kind in fork _Fork clone vfork spawn system popen daemon double silent atexit quick_exit stop clear threads handler; do
	family "$kind"
	case "$kind" in
	vfork | spawn | system | popen)
		expect "$kind: who runs another program inherits nothing" equal "$(descent parent "$(trace_of held 1)")" none
		;;
	silent)
		born=$(trace_of born 1)
		expect "silent: a child without events has no trace" test ! -e "$born"
		expect "silent: its own child refers to the trace of its grandparent" \
			equal "$(descent parent "$(trace_of born 2)")" "$(trace_of held '$')"
		;;
	esac
done

for kind in tree fork handler stop clear threads; do family "$kind" TMTRACE_LIVE=1; done

rm -f trace.*
status out err env TMTRACE_CHILDREN=0 TMTRACE_OUTPUT="$PWD/trace.%p.tmz" LD_PRELOAD="$LIB" "$PROGRAMS/tree" tree
expect "TMTRACE_CHILDREN=0: the parent alone has a trace" equal "$(echo trace.*)" "$(trace_of held '$')"
rm -f trace.*
status out err env TMTRACE_START=0 TMTRACE_OUTPUT="$PWD/trace.%p.tmz" LD_PRELOAD="$LIB" "$PROGRAMS/tree" stop
expect "a parent that began late: its child inherits what lives since" descent replayed out "$PWD/trace"

# Of a program that never records, a child that begins by itself has nobody to refer to.
cat >late.c <<'END_OF_C'
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tmtrace.h"
void *volatile kept;
int main(void)
{
	kept = malloc(100);
	if (fork() == 0) {
		tmtrace_start(25);
		kept = malloc(21);
		_exit(0);
	}
	return wait(NULL) < 0;
}
END_OF_C
cc -I"$SOURCE/preload" -o late late.c
rm -f trace.*
status out err env TMTRACE_START=0 TMTRACE_OUTPUT="$PWD/trace.%p.tmz" LD_PRELOAD="$LIB" ./late
expect "a child that begins by itself, of a parent without trace, refers to none" \
	equal "$(descent parent "$(echo trace.*)")" none

# More threads than a page has room for positions of.
cat >crowd.c <<'END_OF_C'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#define THREADS 900
static pthread_barrier_t all;
static void *volatile kept[THREADS];
static void *work(void *number)
{
	kept[(size_t)number] = malloc(21);
	pthread_barrier_wait(&all);
	pthread_barrier_wait(&all);
	return NULL;
}
int main(void)
{
	static pthread_t threads[THREADS];
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 << 10);
	pthread_barrier_init(&all, NULL, THREADS + 1);
	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], &attr, work, (void *)i))
			return 1;
	pthread_barrier_wait(&all);
	if (fork() == 0) {
		dprintf(1, "born %d %d %d 0\n", (int)getpid(), THREADS, THREADS * 21);
		free(kept[1]);
		_exit(0);
	}
	if (wait(NULL) < 0)
		return 1;
	pthread_barrier_wait(&all);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
END_OF_C
cc -O1 -fno-builtin -o crowd crowd.c -pthread
rm -f trace.*
status out err env TMTRACE_OUTPUT="$PWD/trace.%p.tmz" LD_PRELOAD="$LIB" ./crowd
expect "a child of 900 threads knows what each of them had" descent replayed out "$PWD/trace"
