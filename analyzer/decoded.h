// SPDX-License-Identifier: MIT
/*
 * The events of one chunk in the form that a stream takes them in: an array, and beside it the
 * stack deltas that they name by number.
 */
#ifndef ANALYZER_DECODED_H
#define ANALYZER_DECODED_H

#include "common/codec.h"
#include "reader.h"

struct decoded {
	struct codec_event *events;
	const uint64_t *domains; /* of the TRACK and UNTRACK events in their order */
	const struct codec_delta *deltas;
	size_t n_events, n_deltas, n_frames; /* frames of all deltas */
	void *memory;			     /* of the arrays; kept for the next chunk */
	size_t memory_size;
	uint64_t *words; /* of a raw block, into which the deltas point */
	bool cut;	 /* what stands behind the last event is none */
};

/* Puts what CHUNK holds, an events chunk or a raw block, into DECODED. False: it is damaged. */
bool decoded_load(struct decoded *decoded, struct reader *reader, const struct chunk *chunk);
void decoded_release(struct decoded *decoded);

#endif
