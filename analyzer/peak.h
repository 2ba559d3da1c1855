// SPDX-License-Identifier: MIT
/*
 * The live blocks at the first maximum, known at the end of one pass.
 *
 * Only what changed since the maximum so far is remembered: blocks that lived then and died since.
 * Blocks born and gone since leave no trace, so memory is bounded by the blocks that lived then.
 */
#ifndef ANALYZER_PEAK_H
#define ANALYZER_PEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap.h"

struct peak {
	uint64_t size, count, event, time_ns; /* of the maximum so far */
	bool journal;			      /* remember the dead, for a snapshot */
	/* Blocks born since the maximum have this one, those that lived then another. */
	uint32_t epoch;
	bool changed; /* something was born or died since the maximum */
	struct heap_block *dead;
	size_t n_dead, cap_dead;
};

/* The newest block of HEAP, which was just added, perhaps makes a maximum. */
void peak_added(struct peak *peak, struct heap *heap, struct heap_block *block, uint64_t event,
		uint64_t time_ns);
/* BLOCK is about to be removed. */
void peak_removed(struct peak *peak, const struct heap_block *block);
/* BLOCK, removed since, comes back with its old epoch; false: it must count as born since. */
bool peak_restored(struct peak *peak, const struct heap_block *block);
/* From now on the maximum is what lives now, or more. */
void peak_reset(struct peak *peak, struct heap *heap, uint64_t event, uint64_t time_ns);
void peak_release(struct peak *peak);

/* Whether a block that lives at the end lived at the maximum. */
static inline bool peak_knows(const struct peak *peak, const struct heap_block *block)
{
	return block->epoch != peak->epoch;
}

#endif
