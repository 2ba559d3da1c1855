// SPDX-License-Identifier: MIT
/*
 * Undo, clear, what is written while nothing counts, and the turn from a parent to its child.
 */
#include "live_rare.h"

static void restore(struct live *live, struct heap_block *block)
{
	bool maximum = live->heap.size + block->size > live->peak.size;

	if (heap_find(&live->heap, block->domain, block->address)) {
		live->trace->quality.order_conflicts++;
		return;
	}
	if (!peak_restored(&live->peak, block))
		block->epoch = live->peak.epoch;
	struct heap_block *back = heap_add(&live->heap, block);

	if (maximum)
		peak_added(&live->peak, &live->heap, back, live->events, live->time_ns);
}

void live_undo(struct live *live, struct stream *stream)
{
	struct last_free *last = live_last(live, stream);

	live->events++;
	if (!last->there)
		return;
	last->there = false;
	live->frees -= last->counted;
	stream->undone = last->known ? last->block.address : 0;
	mapped_restore(live, last);
	if (last->known)
		restore(live, &last->block);
	else if (last->counted)
		*last->unknown -= 1;
}

void live_clear(struct live *live, bool stop)
{
	size_t slot = 0;

	live->events++;
	for (const struct heap_block *block; (block = heap_next(&live->heap, &slot));)
		peak_removed(&live->peak, block);
	heap_clear(&live->heap);
	mapped_clear(&live->mapped);
	last_frees_forget(&live->last);
	session_clear(&live->session, stop);
	if (!stop)
		peak_reset(&live->peak, &live->heap, live->events, live->time_ns);
}

void live_inherit(struct live *live, bool complete)
{
	bool partial = live->session.partial;

	live_settle(live);
	last_frees_forget(&live->last);
	mapped_settle(&live->mapped);
	session_release(&live->session);
	session_init(&live->session, live->trace->process.nframe);
	live->session.partial = partial;
	live->events = live->allocations = live->frees = live->allocated_bytes = 0;
	live->time_ns = 0;
	live->inherited = complete;
	peak_reset(&live->peak, &live->heap, 0, 0);
	live_forget_quality(live->trace);
}

enum merge_answer live_pass_over(struct live *live, struct stream *stream)
{
	unsigned fields = event_fields(stream->head->kind);

	if (fields & FIELD_STACK)
		stream_unfold(stream);
	if (fields & FIELD_DOMAIN)
		stream->domain++;
	live->events += event_counts(stream->head->kind);
	return MERGE_TAKEN;
}
