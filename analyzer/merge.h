// SPDX-License-Identifier: MIT
/*
 * One total order of the events of all threads.
 *
 * The smallest stamp goes first. Where an event cannot be (a free of a dead block, an allocation of
 * a live one), its stream waits while the others go on for a window of time, until one of their
 * events lets it go; if none does, it goes as it is. Moments (marks, clears, starts) do not overtake
 * what waits. Unstamped events go before all stamped ones.
 *
 * This is exact if along every address the allocations and the frees each have stamps in their true
 * order, as they do if handing a block on takes longer than the clocks of two threads are apart,
 * and the window is at least as long as that: the earliest event that was not taken can always be.
 */
#ifndef ANALYZER_MERGE_H
#define ANALYZER_MERGE_H

#include "stream.h"

enum merge_try {
	MERGE_TRY,	/* take it if it can be */
	MERGE_MUST,	/* take it: nothing else could explain it */
	MERGE_CONFLICT, /* take it: other events were near enough, but none of them explains it */
};

enum merge_answer { MERGE_TAKEN, MERGE_CANNOT, MERGE_STOP };

/*
 * Takes the head of a stream and steps behind it. It may go on with what then is the head while one
 * is loaded and its key is below BELOW, each as ATTEMPT says. CANNOT is an answer to TRY alone, for
 * the first of them, and must have changed nothing; whether an event can be depends on nothing but
 * what is taken of the same address.
 */
typedef enum merge_answer merge_take(void *arg, struct stream *stream, enum merge_try attempt,
				     uint64_t below);

/* Offers every event of STREAMS to TAKE in order, until the end or STOP. */
void merge_run(struct streams *streams, uint64_t window, merge_take *take, void *arg);

/* How far apart, in stamps, two events of a trace may be seen in the wrong order. */
uint64_t merge_window(const struct trace *trace);

#endif
