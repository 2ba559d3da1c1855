// SPDX-License-Identifier: MIT
/*
 * Faults come as signals on the thread that made them, which jumps back to where it entered; the
 * handler runs on a stack of its own, so that a recursion without end is caught, too.  Time is not
 * taken by a signal, which could come while malloc holds a lock: loops ask the clock now and then.
 */
#include "guard.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

#define TICKS 1024	 /* between two looks at the clock, which is a system call */
#define STACK_SIZE 32768 /* several times what a handler needs with the largest registers */

struct running {
	sigjmp_buf jump;
	struct guard *guard;
	struct running *outer;
	volatile enum guard_end end;
	uint64_t start_ns, last_ns; /* 0 until the clock is looked at */
};

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE};

#define N_SIGNALS (sizeof signals / sizeof *signals)

static struct sigaction before[N_SIGNALS];
static unsigned users;
static bool disabled;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static _Thread_local struct running *running;
static _Thread_local char stack[STACK_SIZE] __attribute__((aligned(16)));

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
	struct sigaction action = {.sa_sigaction = caught,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};

	sigemptyset(&action.sa_mask);
	pthread_mutex_lock(&lock);
	if (!users++ && !disabled)
		for (size_t i = 0; i < N_SIGNALS; i++)
			sigaction(signals[i], &action, &before[i]);
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

/* The stack is a thread's own and ends with it. */
static void need_stack(void)
{
	static _Thread_local bool asked;
	stack_t now;

	if (asked)
		return;
	asked = true;
	if (sigaltstack(NULL, &now) == 0 && now.ss_flags & SS_DISABLE)
		sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
}

enum guard_end guard_run(struct guard *guard, void (*run)(void *arg), void *arg)
{
	struct running here = {.guard = guard, .outer = running};

	need_stack();
	if (sigsetjmp(here.jump, 0) == 0) {
		running = &here;
		run(arg);
	}
	running = here.outer;
	guard->used_ns += here.last_ns - here.start_ns;
	return here.end;
}

void guard_tick(void)
{
	struct running *inner = running;
	struct timespec time;

	if (!inner || ++inner->guard->ticks % TICKS || !inner->guard->limit_ns)
		return;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	inner->last_ns = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
	if (!inner->start_ns)
		inner->start_ns = inner->last_ns;
	if (inner->guard->used_ns + (inner->last_ns - inner->start_ns) <= inner->guard->limit_ns)
		return;
	inner->end = GUARD_TIME;
	siglongjmp(inner->jump, 1);
}
