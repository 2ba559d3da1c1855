// SPDX-License-Identifier: MIT
/*
 * Waiting for the others. There is nothing to be woken by, since a hook must not do more than store.
 */
#include "busy.h"

#define STEP_NS 50000
#define STEPS 4000 /* 200 ms, far more than the longest flush */
#define MEMBARRIER_PRIVATE_EXPEDITED 8

static bool quiet;

static void wait_for(struct thread *thread)
{
	if (thread == thread_self)
		return;
	for (int step = 0; thread->used && thread->busy && step < STEPS; step++)
		sys_nanosleep(STEP_NS);
	quiet = quiet && !(thread->used && thread->busy);
}

bool busy_quiesce(void)
{
	/* Makes every other thread's `busy` and ours of `mode` seen by the other side. */
	sys_membarrier(MEMBARRIER_PRIVATE_EXPEDITED);
	quiet = true;
	thread_each(wait_for);
	return quiet;
}
