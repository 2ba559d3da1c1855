// SPDX-License-Identifier: MIT
/*
 * The live blocks of a replay, by (domain, address).
 *
 * A flat heap is for blocks that are known to be all different and to stay, those of a snapshot: it
 * takes them as they come and finds none.
 */
#ifndef ANALYZER_HEAP_H
#define ANALYZER_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/hash.h"

#define HEAP_FREE UINT32_MAX /* `stack` of a slot that holds no block */

struct heap_block {
	uint64_t address, size;
	uint32_t stack; /* number in stacks.h */
	uint32_t domain;
	uint32_t thread;
	uint32_t epoch; /* peak.h: when it was born, in terms of maxima */
};

struct heap {
	struct heap_block *slots;
	size_t mask, n;
	uint64_t size; /* of all blocks together */
	bool flat;
};

void heap_init(struct heap *heap);
/* Room is made for EXPECTED blocks; there may be more. */
void heap_init_flat(struct heap *heap, size_t expected);
void heap_release(struct heap *heap);
void heap_clear(struct heap *heap);

/* Adds a block that must not be there yet. Returns it; borrowed until the next change. */
struct heap_block *heap_add(struct heap *heap, const struct heap_block *block);
void heap_remove(struct heap *heap, struct heap_block *block);

static inline size_t heap_start(const struct heap *heap, uint32_t domain, uint64_t address)
{
	uint64_t hash = (address ^ domain * 0x9e3779b97f4a7c15u) * 0x9fb21c651e98df25u;

	return (size_t)(hash ^ hash >> 29) & heap->mask;
}

/* NULL when no such block lives. */
static inline struct heap_block *heap_find(const struct heap *heap, uint32_t domain,
					   uint64_t address)
{
	if (heap->flat)
		return NULL;
	for (size_t i = heap_start(heap, domain, address);; i = (i + 1) & heap->mask) {
		struct heap_block *block = &heap->slots[i];

		if (block->stack == HEAP_FREE)
			return NULL;
		if (block->address == address && block->domain == domain)
			return block;
	}
}

/* The first block at or after *SLOT, which moves behind it; NULL at the end. Start from 0. */
struct heap_block *heap_next(const struct heap *heap, size_t *slot);

#endif
