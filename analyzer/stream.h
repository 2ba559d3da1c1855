// SPDX-License-Identifier: MIT
/*
 * The events of one thread, in the order in which it made them, out of its chunks.
 *
 * A chunk is decoded when its turn comes and dropped when it is used up, so that memory is bounded
 * by the threads that are active side by side. The head is the event whose turn it is; whoever
 * takes it asks for its stack, if it has one, and then steps to the next.
 */
#ifndef ANALYZER_STREAM_H
#define ANALYZER_STREAM_H

#include <string.h>

#include "ahead.h"
#include "common/event.h"
#include "decoded.h"
#include "trace_private.h"

/* Where a stack delta led to from a node: a cache, so that few stacks are looked up at all. */
struct stream_memo {
	uint32_t base, link; /* the node, and the number of the delta in this chunk */
	uint32_t stack;	     /* number of what came out */
	uint32_t first;	     /* of the nodes that were pushed, in memo_nodes */
};
#define STREAM_MEMOS 8192u

/* A damaged chunk of events. */
struct stream_hole {
	uint32_t thread, serial, count;
	bool named; /* of the first of a thread: see fork_position.c */
};

struct stream {
	struct trace *trace;
	uint32_t number; /* thread number of the chunks; 0 = the shared stream of late events */
	struct chunk **chunks; /* by serial */
	size_t n_chunks, next_chunk;
	struct decoded decoded;
	struct ahead *ahead; /* decodes the next chunk meanwhile; NULL: nobody does */
	struct ahead_job job;
	uint32_t *path; /* nodes of the previous stack, outermost first, path[0] = root */
	size_t depth, path_cap;
	uint32_t generation;	   /* as stacks.h counts them */
	uint32_t true_depth;	   /* of the next stack, 0 not given */
	struct stream_memo *memos; /* STREAM_MEMOS of them; NULL before the first chunk */
	uint32_t *memo_nodes;
	size_t n_memo_nodes, cap_memo_nodes;
	const uint64_t *domain; /* of the next TRACK or UNTRACK */

	uint64_t key; /* of the order: 0 unstamped, then stamps, never decreasing */
	struct codec_event *head, *end; /* of the chunk; the same: the next one is not loaded yet */
	uint32_t thread;		/* that made the head */
	uint32_t stack, stack_depth;	/* of the last ALLOC or TRACK; true depth, in frames */
	uint64_t undone; /* the consumer's answer to the last UNDO: address of what lives again */
	void *mind;	 /* of the consumer, who interprets the events; NULL in the beginning */
	/* Of the events that count, how many are taken at most: all together, and still. UINT64_MAX: all */
	uint64_t until, left;
	size_t n_all_chunks,
		n_all_events; /* where it ends without that: chunks; events of this one */
	bool all_cut;	      /* decoded.cut without that */
	const struct stream_hole *hole, *holes_end; /* which count as taken; those still to come */
};

struct streams {
	struct stream *streams;
	size_t n;
	uint64_t n_events; /* in all chunks, those that do not count included */
	struct ahead *ahead;
	struct stream_hole *holes; /* by thread and serial; NULL as long as no stream is cut */
	size_t n_holes;
};

void streams_init(struct streams *streams, struct trace *trace);
void streams_release(struct streams *streams);

/*
 * Only the first UNTIL events that count are taken of it: no fewer than the last cut said, up to which
 * the stream was read meanwhile. In the beginning it is cut nowhere, and nothing may be taken yet.
 */
void stream_cut(struct stream *stream, uint64_t until);

static inline bool stream_loaded(const struct stream *stream)
{
	return stream->head != stream->end;
}

/* Loads the next chunk where none is loaded. False: the stream is at its end. */
bool stream_load(struct stream *stream);
/* Tells of the chunk that will be loaded next what its header says. False at the end. */
bool stream_expect(struct stream *stream);

/* What the stream itself has to know of its head. */
void stream_note(struct stream *stream);

/*
 * The number in stacks.h of the stack of the head, an ALLOC or a TRACK; to be asked for exactly
 * once, and also left in stream->stack. INTERN_NONE: the chunk is damaged from here on and ends.
 */
uint32_t stream_unfold_slowly(struct stream *stream);

static inline struct stream_memo *stream_memo(const struct stream *stream, uint32_t base,
					      uint32_t link)
{
	uint32_t hash = (base * 0x9e3779b1u) ^ (link * 0x85ebca6bu);

	return &stream->memos[(hash ^ hash >> 15) % STREAM_MEMOS];
}

static inline uint32_t stream_unfold(struct stream *stream)
{
	uint32_t link = stream->head->link;
	const struct codec_delta *delta = &stream->decoded.deltas[link];
	size_t kept = stream->depth - (size_t)delta->popped, pushed = delta->pushed;

	if (__builtin_expect(kept > stream->depth || stream->true_depth, 0))
		return stream_unfold_slowly(stream);
	uint32_t base = stream->path[kept];
	const struct stream_memo *memo = stream_memo(stream, base, link);

	if (memo->base != base || memo->link != link)
		return stream_unfold_slowly(stream);
	/* Four at a time: both arrays have room for more. */
	for (size_t i = 0; i < pushed; i += 4)
		memcpy(&stream->path[kept + 1 + i], &stream->memo_nodes[memo->first + i],
		       4 * sizeof *stream->path);
	stream->depth = kept + pushed;
	stream->stack_depth = (uint32_t)stream->depth;
	return stream->stack = memo->stack;
}

/* Goes on to the next event of the chunk; there may be none, see stream_loaded. */
static inline void stream_step(struct stream *stream)
{
	const struct codec_event *head = ++stream->head;

	if (head == stream->end)
		return;
	if (head->stamp > stream->key)
		stream->key = head->stamp;
	if (__builtin_expect(head->kind >= EVENT_MODULES, 0))
		stream_note(stream);
}

#endif
