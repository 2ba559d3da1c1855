// SPDX-License-Identifier: MIT
/*
 * How many events each stream has, by counters in private memory: unlike the journal, a fork copies
 * them as they are. They are of a state, which threads use one after the other.
 */
#ifndef PRELOAD_TOTALS_H
#define PRELOAD_TOTALS_H

#include "common/bytes.h"
#include "thread.h"

/* The state is in use by another thread from now on, whose stream has that number. */
void totals_begin_stream(struct thread *thread, uint32_t number);

/* So many events of the stream, which were counted, are in no block and no chunk any more. */
void totals_lose(struct thread *thread, uint32_t events);

/* For a new trace, or in a forked child: nothing is recorded yet, and the state has no number. */
void totals_forget(struct thread *thread);

/* Sums of all threads, ended ones included. */
void totals_sum(struct closing *closing);

/*
 * How much of each stream there is, as a forked child tells it (PROCESS_FORKED_AT): called before
 * anything of the parent's is reset. Other threads may have been anywhere when the fork took place.
 */
void totals_put_position(struct put *p);

#endif
