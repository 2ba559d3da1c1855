// SPDX-License-Identifier: MIT
/*
 * One total order of the events of all threads.
 *
 * The smallest stamp goes first. Where an event cannot be (a free of a dead block, an allocation of
 * a live one), the others within a window of time may go before it; if none can, it goes as it is.
 * Unstamped events go before all stamped ones.
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

/* Takes the head of a stream. CANNOT is an answer to TRY alone and must have changed nothing. */
typedef enum merge_answer merge_take(void *arg, struct stream *stream, enum merge_try attempt);

/* Offers every event of STREAMS to TAKE in order, until the end or STOP. */
void merge_run(struct streams *streams, uint64_t window, merge_take *take, void *arg);

/* How far apart, in stamps, two events of a trace may be seen in the wrong order. */
uint64_t merge_window(const struct trace *trace);

#endif
