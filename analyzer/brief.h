// SPDX-License-Identifier: MIT
/*
 * Blocks that are born and die within one chunk, as most do: they are found by the number that the
 * codec gives with the free, and never get into the heap's slots.
 *
 * Only for the last stream, when no other has events left, and for chunks with nothing that is about
 * any block of the heap (undo, clear). What is known of such a block stands in the event of its
 * allocation: `link` becomes the number of its stack, `stamp` its epoch (peak.h). The heap's count and
 * size have it all the time.
 */
#ifndef ANALYZER_BRIEF_H
#define ANALYZER_BRIEF_H

#include "heap.h"
#include "stream.h"

#define BRIEF_DIES 0x80000000u /* its free is in this chunk */
#define BRIEF_LIVES 0x40000000u
#define BRIEF_EVENT 0x3fffffffu

struct brief {
	struct stream *stream; /* whose chunk it is; NULL: none is dealt with so */
	/* Of the allocations of the chunk: where they stand in its events, and the flags above. */
	uint32_t *allocations;
	size_t cap, n_seen;	   /* that were taken so far */
	size_t n;		   /* blocks that live here */
	struct codec_event *freed; /* what was freed last, if it lived here */
};

/* Whether the chunk of STREAM, of which nothing was taken yet, can be dealt with so. */
bool brief_begin(struct brief *brief, struct stream *stream);
/* All that live here move to the slots of HEAP; nothing is dealt with so any more. */
void brief_end(struct brief *brief, struct heap *heap);
void brief_release(struct brief *brief);

static inline struct codec_event *brief_event(const struct brief *brief, uint32_t number)
{
	return &brief->stream->decoded.events[brief->allocations[number] & BRIEF_EVENT];
}

/* The allocation that the head, a free, ends; NULL if it does not live here. */
static inline struct codec_event *brief_find(const struct brief *brief,
					     const struct codec_event *head)
{
	if (head->link >= brief->n_seen || !(brief->allocations[head->link] & BRIEF_LIVES))
		return NULL;
	struct codec_event *event = brief_event(brief, head->link);

	return event->address == head->address ? event : NULL;
}

static inline struct heap_block brief_block(const struct brief *brief,
					    const struct codec_event *event)
{
	return (struct heap_block){
		.address = event->address,
		.size = event->size,
		.stack = event->link,
		.thread = brief->stream->thread,
		.epoch = (uint32_t)event->stamp,
	};
}

#endif
