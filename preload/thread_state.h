// SPDX-License-Identifier: MIT
/*
 * The states of threads: mapped, listed, given to threads and taken over from those that have ended.
 * For thread.c, whose header tells the rest of the program of them.
 */
#ifndef PRELOAD_THREAD_STATE_H
#define PRELOAD_THREAD_STATE_H

#include "thread.h"

/* One more, with a block, in no list; NULL if there is no memory. Not by two threads at once. */
struct thread *state_make(void);

/* The state is the calling thread's from now on; under the lock, or in a process of one thread. */
void state_claim(struct thread *thread);

/*
 * A state that an ended thread left, or a new one, in the list and claimed; NULL if there is none.
 * *number is the thread's number in any case.
 */
struct thread *state_find(uint32_t *number);

/* In a forked child: takes it out of the list. */
void state_drop(const struct thread *thread);

/* For a new trace, or in a forked child: no thread was counted yet; only `self`, which may be NULL, is in use. */
void state_keep_only(const struct thread *self);

#endif
