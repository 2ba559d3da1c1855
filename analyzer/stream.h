// SPDX-License-Identifier: MIT
/*
 * The events of one thread, in the order in which it made them, out of its chunks.
 *
 * A chunk is decoded when its turn comes and dropped when it is used up, so that memory is bounded
 * by the threads that are active side by side.
 */
#ifndef ANALYZER_STREAM_H
#define ANALYZER_STREAM_H

#include "common/event.h"
#include "trace_private.h"

struct stream {
	struct trace *trace;
	uint32_t number; /* thread number of the chunks; 0 = the shared stream of late events */
	struct chunk **chunks; /* by serial */
	size_t n_chunks, next_chunk;
	uint64_t *words; /* of the chunk in use; NULL: the next one is not loaded yet */
	struct raw_words raw;
	struct raw_words ahead; /* some events further on, for stream_ahead */
	uint32_t *path;		/* nodes of the previous stack, outermost first, path[0] = root */
	size_t depth, path_cap;
	uint32_t generation;
	uint64_t true_depth; /* of the next stack, 0 not given */

	/* The head: the event whose turn it is next. Valid once loaded. */
	uint64_t key; /* of the order: 0 unstamped, then stamps, never decreasing */
	struct raw_event event;
	uint32_t thread;      /* that made it */
	uint32_t node;	      /* of its stack */
	uint32_t stack_depth; /* true depth, in frames */
	void *mind; /* of the consumer, who interprets the events; NULL in the beginning */
};

struct streams {
	struct stream *streams;
	size_t n;
	uint64_t n_events; /* in all chunks, those that do not count included */
};

void streams_init(struct streams *streams, struct trace *trace);
void streams_release(struct streams *streams);

/* Loads the first event of the next chunk where none is loaded. False: the stream is at its end. */
bool stream_load(struct stream *stream);
/*
 * Goes on to the next event, which may still have to be loaded; its key is known. False at the end.
 */
bool stream_advance(struct stream *stream);

/*
 * The address of an event that comes a little later, 0 if there is none: for a consumer who wants
 * to have what belongs to it at hand by then. Goes one event further with each call.
 */
static inline uint64_t stream_ahead(struct stream *stream)
{
	struct raw_event event;

	return raw_next(&stream->ahead, &event) ? event.address : 0;
}

static inline bool stream_loaded(const struct stream *stream)
{
	return stream->words != NULL;
}

#endif
