// SPDX-License-Identifier: MIT
/*
 * Allocations and frees, and what an undo needs to know of the free before.
 */
#include "live.h"

#include "live_rare.h"

#define AHEAD 12 /* events that go by while a slot comes from memory */

void live_forget_quality(struct trace *trace)
{
	trace->quality.tracebacks = 0;
	trace->quality.incomplete_tracebacks = trace->quality.truncated_tracebacks = 0;
	trace->quality.unknown_frees = trace->quality.inherited_frees = 0;
	trace->quality.earlier_frees = trace->quality.order_conflicts = 0;
}

void live_init(struct live *live, struct trace *trace, size_t expected)
{
	*live = (struct live){.trace = trace, .peak.epoch = 1};
	if (trace->process.snapshot)
		heap_init_flat(&live->heap, expected);
	else
		heap_init(&live->heap);
	last_frees_init(&live->last);
	session_init(&live->session, trace->process.nframe);
	live_forget_quality(trace);
}

void live_release(struct live *live)
{
	heap_release(&live->heap);
	mapped_release(&live->mapped);
	brief_release(&live->brief);
	peak_release(&live->peak);
	last_frees_release(&live->last);
	session_release(&live->session);
}

/* What an undo in a later chunk would need to know. */
static void note_last(struct live *live)
{
	const struct brief *brief = &live->brief;

	if (!brief->freed)
		return;
	struct last_free *last = live_last(live, brief->stream);

	last_free_note(last, true);
	last->known = true;
	last->block = brief_block(brief, brief->freed);
	live->brief.freed = NULL;
}

/* The same, for who needs to know of frees of this chunk too. */
static struct last_free *last_noted(struct live *live, struct stream *stream)
{
	note_last(live);
	return live_last(live, stream);
}

static void remove_block(struct live *live, struct heap_block *block)
{
	peak_removed(&live->peak, block);
	heap_remove(&live->heap, block);
}

static void note_quality(struct live *live, const struct stream *stream)
{
	struct trace *trace = live->trace;
	uint64_t nframe = live->session.nframe;

	trace->quality.tracebacks++;
	if (stream->head->flags & (EVENT_INCOMPLETE | EVENT_NO_STACK))
		trace->quality.incomplete_tracebacks++;
	if (stream->stack_depth > stream->depth || (nframe && stream->stack_depth > nframe))
		trace->quality.truncated_tracebacks++;
}

/* The head of STREAM begins to live. False: its stack is no stack. */
static bool add_block(struct live *live, struct stream *stream, uint32_t domain)
{
	struct heap_block block = {
		.address = stream->head->address,
		.size = stream->head->size,
		.stack = stream_unfold(stream),
		.domain = domain,
		.thread = stream->thread,
	};

	if (block.stack == INTERN_NONE)
		return false;
	note_quality(live, stream);
	live->events++;
	peak_added(&live->peak, &live->heap, heap_add(&live->heap, &block), live->events,
		   live->time_ns);
	return true;
}

uint32_t live_unfold(struct live *live, struct stream *stream)
{
	uint32_t stack = stream_unfold(stream);

	if (stack == INTERN_NONE)
		return INTERN_NONE;
	note_quality(live, stream);
	live->events++;
	return stack;
}

static enum merge_answer allocate(struct live *live, struct stream *stream, enum merge_try attempt)
{
	struct heap_block *old = heap_find(&live->heap, 0, stream->head->address);
	uint64_t size = stream->head->size;

	if (old) {
		if (attempt == MERGE_TRY)
			return MERGE_CANNOT;
		live->trace->quality.order_conflicts++;
		remove_block(live, old);
	}
	if (add_block(live, stream, 0)) {
		live->allocations++;
		live->allocated_bytes += size;
	}
	return MERGE_TAKEN;
}

/* Where a free of a block that is not live counts. */
static uint64_t *unknown_frees(struct live *live)
{
	struct trace_quality *quality = &live->trace->quality;

	if (live->session.partial)
		return &quality->earlier_frees;
	return live->forked ? &quality->inherited_frees : &quality->unknown_frees;
}

static enum merge_answer release(struct live *live, struct stream *stream, enum merge_try attempt)
{
	struct heap_block *block = heap_find(&live->heap, 0, stream->head->address);
	struct last_free *last;

	if (!block && attempt == MERGE_TRY)
		return MERGE_CANNOT;
	last = live_last(live, stream);
	last_free_note(last, true);
	last->known = block != NULL;
	live->events++;
	live->frees++;
	if (block) {
		last->block = *block;
		remove_block(live, block);
	} else {
		last->unknown = unknown_frees(live);
		*last->unknown += 1;
		/* Of blocks from before it, the recording cannot know the order. */
		live->trace->quality.order_conflicts +=
			attempt == MERGE_CONFLICT && !live->session.partial;
	}
	return MERGE_TAKEN;
}

static void track(struct live *live, struct stream *stream)
{
	uint32_t domain = (uint32_t)*stream->domain++;

	if (domain == DOMAIN_MAPPED && !live->heap.flat) {
		mapped_track(live, stream, last_noted(live, stream));
		return;
	}
	struct heap_block *old = heap_find(&live->heap, domain, stream->head->address);

	if (old)
		remove_block(live, old);
	add_block(live, stream, domain);
}

static void untrack(struct live *live, struct stream *stream)
{
	uint32_t domain = (uint32_t)*stream->domain++;
	struct last_free *last = last_noted(live, stream);
	struct heap_block *block = NULL;

	live->events++;
	last_free_note(last, false);
	if (domain == DOMAIN_MAPPED)
		mapped_untrack(live, stream->head->address, last);
	else
		block = heap_find(&live->heap, domain, stream->head->address);
	last->known = block != NULL;
	if (!block)
		return;
	last->block = *block;
	remove_block(live, block);
}

enum merge_answer live_apply(struct live *live, struct stream *stream, enum merge_try attempt)
{
	unsigned kind = stream->head->kind;

	if (live->session.stopped && kind != EVENT_START && kind != EVENT_TIME)
		return live_pass_over(live, stream);
	switch (kind) {
	case EVENT_ALLOC:
		return allocate(live, stream, attempt);
	case EVENT_FREE:
		return release(live, stream, attempt);
	case EVENT_UNDO:
		live_undo(live, stream);
		break;
	case EVENT_TRACK:
		track(live, stream);
		break;
	case EVENT_UNTRACK:
		untrack(live, stream);
		break;
	case EVENT_CLEAR:
		live_clear(live, stream->head->flags & EVENT_STOP);
		break;
	case EVENT_START:
		session_start(&live->session, stream->head->address, live->events);
		break;
	case EVENT_RESET_PEAK:
		peak_reset(&live->peak, &live->heap, live->events, live->time_ns);
		break;
	case EVENT_UNMAP:
		mapped_unmap(live, stream, last_noted(live, stream));
		break;
	case EVENT_FORK:
		live->forked |= !live->inherited;
		break;
	case EVENT_TIME:
		if (stream->head->address > live->time_ns)
			live->time_ns = stream->head->address;
		break;
	default:
		break;
	}
	return MERGE_TAKEN;
}

/* Blocks lie all over the heap: without this, every other event waits for memory. */
static inline __attribute__((always_inline)) void prefetch(const struct live *live,
							   const struct stream *stream)
{
	const struct codec_event *event = stream->head + AHEAD;

	if (!heap_is_large(&live->heap) || stream->end - stream->head <= 2 * AHEAD)
		return;
	heap_prefetch_tags(&live->heap, event[AHEAD].address);
	if (!(live->brief.stream && event->kind == EVENT_FREE && event->link != CODEC_NONE))
		heap_prefetch(&live->heap, event->address);
}

/* Whether nobody but the live blocks has to know of EVENT. */
static inline bool is_plain(const struct live *live, const struct codec_event *event)
{
	return event->kind <= EVENT_FREE ||
	       (event->kind == EVENT_TIME && event->address <= live->until_time);
}

void live_settle(struct live *live)
{
	if (!live->brief.stream)
		return;
	note_last(live);
	brief_end(&live->brief, &live->heap);
}

/* The head of the last stream, an allocation. */
static void allocate_alone(struct live *live, struct stream *stream)
{
	struct brief *brief = &live->brief;
	uint32_t *allocation = &brief->allocations[brief->n_seen];
	struct codec_event *head = stream->head;

	brief->n_seen++;
	if (!(*allocation & BRIEF_DIES) || heap_find(&live->heap, 0, head->address)) {
		allocate(live, stream, MERGE_MUST);
		return;
	}
	struct heap_block block = {.size = head->size, .stack = stream_unfold(stream)};

	if (block.stack == INTERN_NONE)
		return;
	note_quality(live, stream);
	live->heap.n++;
	live->heap.size += block.size;
	peak_added(&live->peak, &live->heap, &block, ++live->events, live->time_ns);
	live->allocations++;
	live->allocated_bytes += block.size;
	head->link = block.stack;
	head->stamp = block.epoch;
	*allocation |= BRIEF_LIVES;
	brief->n++;
}

static void release_alone(struct live *live, struct stream *stream)
{
	struct brief *brief = &live->brief;
	uint32_t number = stream->head->link;
	struct codec_event *event = brief_find(brief, stream->head);

	brief->freed = event;
	if (!event) {
		release(live, stream, MERGE_MUST);
		return;
	}
	struct heap_block block = brief_block(brief, event);

	peak_removed(&live->peak, &block);
	live->heap.n--;
	live->heap.size -= block.size;
	live->events++;
	live->frees++;
	brief->allocations[number] &= ~BRIEF_LIVES;
	brief->n--;
}

/* The whole chunk of the last stream, or up to where somebody has to know of an event. */
static void run_alone(struct live *live, struct stream *stream)
{
	bool plain = is_plain(live, stream->head);

	do {
		unsigned kind = stream->head->kind;

		prefetch(live, stream);
		if (kind == EVENT_ALLOC)
			allocate_alone(live, stream);
		else if (kind == EVENT_FREE)
			release_alone(live, stream);
		else
			live_apply(live, stream, MERGE_MUST);
		stream_step(stream);
	} while (plain && live->events < live->until && stream_loaded(stream) &&
		 is_plain(live, stream->head));
	if (!stream_loaded(stream))
		live_settle(live);
}

/* Epochs are not to run full on the way. */
static bool begin_alone(struct live *live, struct stream *stream)
{
	return !live->heap.flat && !live->session.stopped &&
	       stream->head == stream->decoded.events &&
	       live->peak.epoch <= UINT32_MAX - stream->decoded.n_events - 1 &&
	       brief_begin(&live->brief, stream);
}

enum merge_answer live_run(struct live *live, struct stream *stream, enum merge_try attempt,
			   uint64_t below)
{
	bool taken = false;

	if (attempt == MERGE_MUST && below == UINT64_MAX &&
	    (live->brief.stream || begin_alone(live, stream))) {
		run_alone(live, stream);
		return MERGE_TAKEN;
	}
	if (!is_plain(live, stream->head))
		below = 0;
	do {
		prefetch(live, stream);
		if (live_apply(live, stream, attempt) == MERGE_CANNOT)
			return taken ? MERGE_TAKEN : MERGE_CANNOT;
		stream_step(stream);
		taken = true;
	} while (live->events < live->until && stream_loaded(stream) && stream->key < below &&
		 is_plain(live, stream->head));
	return MERGE_TAKEN;
}
