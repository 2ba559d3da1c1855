// SPDX-License-Identifier: MIT
/*
 * Epochs: the number of maxima so far that were followed by a change. A new maximum makes all
 * blocks old at once by counting on.
 */
#include "peak.h"

#include <stdlib.h>

#include "die.h"

/* The counter has run full: all epochs are past ones, so any other number does for them. */
static void renumber(struct peak *peak, struct heap *heap)
{
	size_t slot = 0;

	for (struct heap_block *block; (block = heap_next(heap, &slot));)
		block->epoch = 0;
	peak->epoch = 1;
}

void peak_added(struct peak *peak, struct heap *heap, struct heap_block *block, uint64_t event,
		uint64_t time_ns)
{
	if (heap->size <= peak->size) {
		block->epoch = peak->epoch;
		peak->changed = true;
		return;
	}
	peak_reset(peak, heap, event, time_ns);
	block->epoch = peak->epoch - 1;
}

void peak_reset(struct peak *peak, struct heap *heap, uint64_t event, uint64_t time_ns)
{
	peak->size = heap->size;
	peak->count = heap->n;
	peak->event = event;
	peak->time_ns = time_ns;
	if (peak->changed) {
		peak->changed = false;
		peak->n_dead = 0;
		if (++peak->epoch == 0)
			renumber(peak, heap);
	}
}

void peak_removed(struct peak *peak, const struct heap_block *block)
{
	peak->changed = true;
	if (!peak->journal || !peak_knows(peak, block))
		return;
	if (peak->n_dead == peak->cap_dead) {
		peak->cap_dead = peak->cap_dead ? peak->cap_dead + peak->cap_dead / 2 : 256;
		peak->dead = xreallocarray(peak->dead, peak->cap_dead, sizeof *peak->dead);
	}
	peak->dead[peak->n_dead++] = *block;
}

bool peak_restored(struct peak *peak, const struct heap_block *block)
{
	peak->changed = true;
	if (!peak_knows(peak, block))
		return true;
	for (size_t i = peak->n_dead; i-- > 0;) {
		if (peak->dead[i].address != block->address ||
		    peak->dead[i].domain != block->domain)
			continue;
		peak->dead[i] = peak->dead[--peak->n_dead];
		return true;
	}
	return !peak->journal;
}

void peak_release(struct peak *peak)
{
	free(peak->dead);
	peak->dead = NULL;
	peak->n_dead = peak->cap_dead = 0;
}
