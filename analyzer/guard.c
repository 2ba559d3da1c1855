// SPDX-License-Identifier: MIT
/*
 * Faults come as signals on the thread that made them, which jumps back to where it entered; the
 * handler runs on a stack of its own, so that a recursion without end is caught, too.
 *
 * Loops of ours ask the clock now and then.  For those within libdw and libelf a signal comes four
 * times in each second of CPU time; past the limit it ends what runs, but only where it met an
 * instruction of these two: elsewhere malloc might hold a lock.  That signal is SIGURG, since one
 * that comes late, when nobody handles it any more, is ignored.
 */
#include "guard.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "now.h"

#define TICKS 1024 /* between two looks at the clock, which is a system call */
#define PERIOD_NS 250000000u
#define STACK_SIZE 32768 /* several times what a handler needs with the largest registers */

struct running {
	sigjmp_buf jump;
	struct guard *guard;
	struct running *outer;
	volatile enum guard_end end;
	uint64_t start_ns, last_ns;	/* 0 until the clock is looked at */
	volatile uint64_t signalled_ns; /* how long it has run at least, as far as signals tell */
};

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGURG};

#define N_SIGNALS (sizeof signals / sizeof *signals)

static struct sigaction before[N_SIGNALS];
static unsigned users;
static unsigned generation; /* of handlers; 0: there were none yet */
static bool disabled;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static _Thread_local struct running *running;
static _Thread_local char stack[STACK_SIZE] __attribute__((aligned(16)));

/* Whether the instruction at PC belongs to a library that holds no lock of others there. */
static bool is_library(void *pc)
{
	struct dl_find_object found;
	const char *name, *slash;

	if (_dl_find_object(pc, &found) != 0)
		return false;
	name = found.dlfo_link_map->l_name;
	slash = strrchr(name, '/');
	name = slash ? slash + 1 : name;
	return !strncmp(name, "libdw", 5) || !strncmp(name, "libelf", 6);
}

static void time_passed(int signal, siginfo_t *info, void *context)
{
	struct running *inner = running;
	const ucontext_t *at = context;

	(void)signal;
	if (!inner || !inner->guard->limit_ns || info->si_code != SI_TIMER)
		return;
	inner->signalled_ns += PERIOD_NS;
	if (inner->guard->used_ns + inner->signalled_ns <= inner->guard->limit_ns ||
	    !is_library((void *)at->uc_mcontext.gregs[REG_RIP]))
		return;
	inner->end = GUARD_TIME;
	siglongjmp(inner->jump, 1);
}

static void give_back(int signal)
{
	for (size_t i = 0; i < N_SIGNALS; i++)
		if (signals[i] == signal)
			sigaction(signal, &before[i], NULL);
}

static void caught(int signal, siginfo_t *info, void *context)
{
	struct running *inner = running;

	(void)context;
	if (inner && info->si_code > 0) {
		inner->end = signal == SIGBUS ? GUARD_SHORT : GUARD_FAULT;
		siglongjmp(inner->jump, 1);
	}
	/* Not ours. The instruction faults again; what was sent is sent again. */
	give_back(signal);
	if (info->si_code <= 0)
		raise(signal);
}

void guard_on(void)
{
	struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART};

	sigemptyset(&action.sa_mask);
	pthread_mutex_lock(&lock);
	if (!users++ && !disabled) {
		__atomic_fetch_add(&generation, 1, __ATOMIC_RELAXED);
		for (size_t i = 0; i < N_SIGNALS; i++) {
			action.sa_sigaction = signals[i] == SIGURG ? time_passed : caught;
			sigaction(signals[i], &action, &before[i]);
		}
	}
	pthread_mutex_unlock(&lock);
}

void guard_off(void)
{
	pthread_mutex_lock(&lock);
	if (!--users && !disabled)
		for (size_t i = 0; i < N_SIGNALS; i++)
			sigaction(signals[i], &before[i], NULL);
	pthread_mutex_unlock(&lock);
}

void guard_disable(void)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; users && !disabled && i < N_SIGNALS; i++)
		sigaction(signals[i], &before[i], NULL);
	disabled = true;
	pthread_mutex_unlock(&lock);
}

/* Linux 6.13 and later leave a timer alone whose signal was ignored once: it is set each time. */
static void start_timer(void)
{
	static _Thread_local unsigned started_in;
	static _Thread_local timer_t timer;
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGURG};
	struct itimerspec period = {.it_interval.tv_nsec = PERIOD_NS,
				    .it_value.tv_nsec = PERIOD_NS};
	unsigned now = __atomic_load_n(&generation, __ATOMIC_RELAXED);

	if (started_in == now)
		return;
	event._sigev_un._tid = gettid();
	if (started_in || timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) == 0)
		timer_settime(timer, 0, &period, NULL);
	started_in = now;
}

/* The stack is a thread's own and ends with it, and the timer has no more time to count then. */
static void thread_begin(void)
{
	static _Thread_local bool begun;
	stack_t now;

	if (begun)
		return;
	begun = true;
	if (sigaltstack(NULL, &now) == 0 && now.ss_flags & SS_DISABLE)
		sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
}

enum guard_end guard_run(struct guard *guard, void (*run)(void *arg), void *arg)
{
	struct running here = {.guard = guard, .outer = running};

	thread_begin();
	start_timer();
	if (sigsetjmp(here.jump, 0) == 0) {
		running = &here;
		run(arg);
	}
	running = here.outer;
	guard->used_ns += here.signalled_ns > here.last_ns - here.start_ns
				  ? here.signalled_ns
				  : here.last_ns - here.start_ns;
	return here.end;
}

void guard_tick(void)
{
	struct running *inner = running;

	if (!inner || ++inner->guard->ticks % TICKS || !inner->guard->limit_ns)
		return;
	inner->last_ns = now_ns(CLOCK_THREAD_CPUTIME_ID);
	if (!inner->start_ns)
		inner->start_ns = inner->last_ns;
	if (inner->guard->used_ns + (inner->last_ns - inner->start_ns) <= inner->guard->limit_ns)
		return;
	inner->end = GUARD_TIME;
	siglongjmp(inner->jump, 1);
}
