// SPDX-License-Identifier: MIT
/*
 * Blocks to traces. The two have the same size, so that the last snapshot of a large heap needs no
 * second copy of it.
 */
#include "snapshot_make.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

#define TOTAL_NFRAME_MAX 65535u

_Static_assert(sizeof(struct snapshot_trace) == sizeof(struct heap_block), "snapshot_make_last");

/* What the moment is to people. */
static char *moment_text(const struct moment *moment)
{
	switch (moment->kind) {
	case MOMENT_END:
		return xstrdup("the end");
	case MOMENT_START:
		return xstrdup("the start");
	case MOMENT_PEAK:
		return xstrdup("the peak");
	case MOMENT_TIME:
		return xasprintf("%.*s s", (int)strlen(moment->text) - 1, moment->text);
	case MOMENT_EVENT:
		return xasprintf("event %s", moment->text + strlen("event:"));
	case MOMENT_MARK:
		return xasprintf("mark %s", moment->mark);
	}
	return xstrdup("");
}

static struct snapshot *make_empty(struct live *live, struct locator *locator,
				   const struct moment *moment, uint64_t limit)
{
	struct snapshot_stacks stacks = locator_stacks(locator, limit);
	char *text = moment_text(moment);
	struct snapshot *snapshot = snapshot_new(locator_frames(locator), &stacks, text);

	free(text);
	snapshot->traceback_limit = limit;
	snapshot->event = live->events;
	return snapshot;
}

static void put_trace(const struct live *live, struct snapshot *snapshot,
		      const struct heap_block *block)
{
	uint32_t depth = live->trace->inner->stacks.stacks[block->stack].depth;
	struct snapshot_trace trace = {
		.address = block->address,
		.size = block->size,
		.stack = block->stack,
		.domain = block->domain,
		.total_nframe = depth == 0		   ? 1
				: depth < TOTAL_NFRAME_MAX ? depth
							   : TOTAL_NFRAME_MAX,
		.thread = block->thread,
	};

	snapshot->size = snapshot_sum(snapshot->size, trace.size);
	snapshot->traces[snapshot->n_traces++] = trace;
}

struct snapshot *snapshot_make(struct live *live, struct locator *locator,
			       const struct moment *moment, uint64_t time_ns)
{
	struct snapshot *snapshot = make_empty(live, locator, moment, live->session.nframe);
	size_t slot = 0;

	snapshot->time_ns = time_ns;
	snapshot->traces = xreallocarray(NULL, live->heap.n, sizeof *snapshot->traces);
	for (const struct heap_block *block; (block = heap_next(&live->heap, &slot));)
		put_trace(live, snapshot, block);
	return snapshot;
}

struct snapshot *snapshot_make_last(struct live *live, struct locator *locator,
				    const struct moment *moment, uint64_t time_ns)
{
	struct snapshot *snapshot = make_empty(live, locator, moment, live->session.nframe);
	size_t slot = 0;

	snapshot->time_ns = time_ns;
	snapshot->traces = (void *)live->heap.slots;
	for (const struct heap_block *block; (block = heap_next(&live->heap, &slot));) {
		struct heap_block copy =
			*block; /* the trace may be written over it, never behind it */

		put_trace(live, snapshot, &copy);
	}
	snapshot->traces =
		xreallocarray(snapshot->traces, snapshot->n_traces, sizeof *snapshot->traces);
	live->heap.slots = NULL;
	return snapshot;
}

struct snapshot *snapshot_make_peak(struct live *live, struct locator *locator,
				    const struct moment *moment)
{
	struct snapshot *snapshot =
		make_empty(live, locator, moment, session_limit(&live->session, live->peak.event));
	const struct peak *peak = &live->peak;
	size_t slot = 0;

	snapshot->event = peak->event;
	snapshot->time_ns = peak->time_ns;
	snapshot->traces = xreallocarray(NULL, peak->count, sizeof *snapshot->traces);
	for (const struct heap_block *block; (block = heap_next(&live->heap, &slot));)
		if (peak_knows(peak, block))
			put_trace(live, snapshot, block);
	for (size_t i = 0; i < peak->n_dead; i++)
		put_trace(live, snapshot, &peak->dead[i]);
	return snapshot;
}
