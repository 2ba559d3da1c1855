// SPDX-License-Identifier: MIT
/*
 * The library's end of `tmtrace ctl`: the page that it finds, and requests in it.
 *
 * Nobody waits for requests. Hooks look at the page: where the recording is paused each of them,
 * where it goes on each thread whenever it reads the clock.
 */
#ifndef PRELOAD_REMOTE_H
#define PRELOAD_REMOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/control.h"

extern struct control *remote; /* never NULL */

/* A load and a compare. */
static inline bool remote_is_asked(void)
{
	return __builtin_expect(
		control_state(__atomic_load_n(&remote->request, __ATOMIC_RELAXED)) == CONTROL_ASKED,
		0);
}

/*
 * Does what is asked for, if no other thread has begun to: starts, stops, or sets a mark. `frame` as
 * for thread_enter; the caller is in no hook of its own, or in one that is not entered yet.
 */
void remote_answer(uintptr_t frame);

/*
 * The page to be found is that of the journal, or one of its own where there is none. After either
 * of the two has come or gone; `identity` is that of the trace, 0 without. The lock `finish` is held,
 * or nothing else runs.
 */
void remote_settle(uint64_t identity);

/* Writes down what the process is doing now. */
void remote_tell(void);

/* Likewise how many events are in the trace's file by now, and how many are lost. */
void remote_count(void);

/* A forked child forgets its parent's pages; until remote_settle nobody can ask it. */
void remote_forked(void);

#endif
