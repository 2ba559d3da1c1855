// SPDX-License-Identifier: MIT
/*
 * Allocations and frees, and what an undo needs to know of the free before.
 */
#include "live.h"

#include <stdlib.h>

#include "die.h"

/* What a thread removed last. */
struct last_free {
	uint32_t thread;
	bool counted; /* as a free, not an untrack */
	bool there;   /* the thread removed something and did not undo it */
	bool known;   /* a block was live there */
	struct heap_block block;
};

void live_init(struct live *live, struct trace *trace, size_t expected)
{
	*live = (struct live){.trace = trace, .peak.epoch = 1};
	if (trace->process.snapshot)
		heap_init_flat(&live->heap, expected);
	else
		heap_init(&live->heap);
	intern_init(&live->threads);
	trace->quality.incomplete_tracebacks = trace->quality.truncated_tracebacks = 0;
	trace->quality.unknown_frees = trace->quality.inherited_frees = 0;
	trace->quality.order_conflicts = 0;
}

void live_release(struct live *live)
{
	heap_release(&live->heap);
	peak_release(&live->peak);
	intern_release(&live->threads);
	arena_release(&live->arena);
	free(live->last);
	live->last = NULL;
}

bool live_counts(enum event_kind kind)
{
	return kind <= EVENT_CLEAR;
}

static uint64_t thread_hash_of(const void *arg, uint32_t slot)
{
	return hash_mix(((const struct live *)arg)->last[slot]->thread);
}

static struct last_free *find_last(struct live *live, uint32_t thread)
{
	struct intern *set = &live->threads;
	size_t slot = intern_start(set, hash_mix(thread));
	uint32_t id;

	for (; (id = set->slots[slot]) != INTERN_NONE; slot = intern_next(set, slot))
		if (live->last[id]->thread == thread)
			return live->last[id];
	if (live->n_threads == live->cap_threads) {
		live->cap_threads = live->cap_threads * 2 + 16;
		live->last = xreallocarray(live->last, live->cap_threads, sizeof *live->last);
	}
	id = (uint32_t)live->n_threads++;
	live->last[id] = arena_get(&live->arena, sizeof **live->last);
	*live->last[id] = (struct last_free){.thread = thread};
	intern_add(set, slot, id, thread_hash_of, live);
	return live->last[id];
}

static inline struct last_free *last_of(struct live *live, struct stream *stream)
{
	struct last_free *last = stream->mind;

	if (!last || last->thread != stream->thread)
		stream->mind = last = find_last(live, stream->thread);
	return last;
}

static void remove_block(struct live *live, struct heap_block *block)
{
	peak_removed(&live->peak, block);
	heap_remove(&live->heap, block);
}

static void note_quality(struct trace *trace, const struct stream *stream)
{
	uint64_t nframe = trace->process.nframe;

	if (stream->event.flags & (EVENT_INCOMPLETE | EVENT_NO_STACK))
		trace->quality.incomplete_tracebacks++;
	if (stream->stack_depth > stream->depth || (nframe && stream->stack_depth > nframe))
		trace->quality.truncated_tracebacks++;
}

static void add_block(struct live *live, const struct stream *stream, uint32_t domain)
{
	struct heap_block block = {
		.address = stream->event.address,
		.size = stream->event.size,
		.stack = stacks_get(&live->trace->inner->stacks, stream->node, stream->stack_depth),
		.domain = domain,
		.thread = stream->thread,
	};

	note_quality(live->trace, stream);
	live->events++;
	peak_added(&live->peak, &live->heap, heap_add(&live->heap, &block), live->events,
		   live->time_ns);
}

static enum merge_answer allocate(struct live *live, const struct stream *stream,
				  enum merge_try attempt)
{
	struct heap_block *old = heap_find(&live->heap, 0, stream->event.address);

	if (old) {
		if (attempt == MERGE_TRY)
			return MERGE_CANNOT;
		live->trace->quality.order_conflicts++;
		remove_block(live, old);
	}
	add_block(live, stream, 0);
	live->allocations++;
	live->allocated_bytes += stream->event.size;
	return MERGE_TAKEN;
}

/* Where a free of a block that is not live counts. */
static uint64_t *unknown_frees(struct live *live)
{
	struct trace_quality *quality = &live->trace->quality;

	return live->forked ? &quality->inherited_frees : &quality->unknown_frees;
}

static enum merge_answer release(struct live *live, struct stream *stream, enum merge_try attempt)
{
	struct heap_block *block = heap_find(&live->heap, 0, stream->event.address);
	struct last_free *last;

	if (!block && attempt == MERGE_TRY)
		return MERGE_CANNOT;
	last = last_of(live, stream);
	last->there = last->counted = true;
	last->known = block != NULL;
	live->events++;
	live->frees++;
	if (block) {
		last->block = *block;
		remove_block(live, block);
	} else {
		*unknown_frees(live) += 1;
		live->trace->quality.order_conflicts += attempt == MERGE_CONFLICT;
	}
	return MERGE_TAKEN;
}

static void track(struct live *live, const struct stream *stream)
{
	uint32_t domain = (uint32_t)stream->event.domain;
	struct heap_block *old = heap_find(&live->heap, domain, stream->event.address);

	if (old)
		remove_block(live, old);
	add_block(live, stream, domain);
}

static void untrack(struct live *live, struct stream *stream)
{
	struct heap_block *block =
		heap_find(&live->heap, (uint32_t)stream->event.domain, stream->event.address);
	struct last_free *last = last_of(live, stream);

	live->events++;
	last->there = true;
	last->counted = false;
	last->known = block != NULL;
	if (!block)
		return;
	last->block = *block;
	remove_block(live, block);
}

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

static void undo(struct live *live, struct stream *stream)
{
	struct last_free *last = last_of(live, stream);

	live->events++;
	if (!last->there)
		return;
	last->there = false;
	live->frees -= last->counted;
	if (last->known)
		restore(live, &last->block);
	else
		*unknown_frees(live) -= last->counted;
}

static void clear(struct live *live)
{
	size_t slot = 0;

	live->events++;
	for (const struct heap_block *block; (block = heap_next(&live->heap, &slot));)
		peak_removed(&live->peak, block);
	heap_clear(&live->heap);
}

enum merge_answer live_apply(struct live *live, struct stream *stream, enum merge_try attempt)
{
	/* Blocks lie all over the heap: without this, every other event waits for memory. */
	__builtin_prefetch(&live->heap.slots[heap_start(&live->heap, 0, stream_ahead(stream))]);
	switch (stream->event.kind) {
	case EVENT_ALLOC:
		return allocate(live, stream, attempt);
	case EVENT_FREE:
		return release(live, stream, attempt);
	case EVENT_UNDO:
		undo(live, stream);
		break;
	case EVENT_TRACK:
		track(live, stream);
		break;
	case EVENT_UNTRACK:
		untrack(live, stream);
		break;
	case EVENT_CLEAR:
		clear(live);
		break;
	case EVENT_FORK:
		live->forked = true;
		break;
	case EVENT_TIME:
		if (stream->event.address > live->time_ns)
			live->time_ns = stream->event.address;
		break;
	default:
		break;
	}
	return MERGE_TAKEN;
}
