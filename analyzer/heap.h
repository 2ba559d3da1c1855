// SPDX-License-Identifier: MIT
/*
 * The live blocks of a replay, by (domain, address).
 *
 * Each slot has a byte beside the others' that says whether it is taken and, by 7 bits, of what: a
 * search looks at eight of those bytes at once and hardly ever at a block in vain, so most blocks
 * are written when they are born, read when they die and not touched in between. A block stays
 * where it is until the heap grows.
 *
 * A flat heap is for blocks that are known to be all different and to stay, those of a snapshot: it
 * takes them as they come and finds none.
 */
#ifndef ANALYZER_HEAP_H
#define ANALYZER_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/hash.h"

struct heap_block {
	uint64_t address, size;
	uint32_t stack; /* number in stacks.h */
	uint32_t domain;
	uint32_t thread;
	uint32_t epoch; /* peak.h: when it was born, in terms of maxima */
};

#define HEAP_EMPTY 0u
#define HEAP_GRAVE 1u /* empty, but a search goes on behind it */
#define HEAP_TAKEN 0x80u
#define HEAP_GROUP 8u

struct heap {
	struct heap_block *slots; /* in groups of HEAP_GROUP */
	uint8_t *tags;		  /* of the slots; NULL when flat */
	size_t mask, n;		  /* slots - 1, blocks */
	size_t n_free;		  /* empty slots, graves not among them, that may still be taken */
	uint64_t size;		  /* of all blocks together */
	bool flat;
};

void heap_init(struct heap *heap);
/* Room is made for EXPECTED blocks; there may be more. */
void heap_init_flat(struct heap *heap, size_t expected);
void heap_release(struct heap *heap);
void heap_clear(struct heap *heap);
/* Makes TO, which is not initialized, the same as FROM, which must not be flat. */
void heap_copy(struct heap *to, const struct heap *from);

/* Adds a block that must not be there yet. Returns it; borrowed until the next is added. */
struct heap_block *heap_add(struct heap *heap, const struct heap_block *block);
void heap_remove(struct heap *heap, struct heap_block *block);

static inline uint64_t heap_hash(uint32_t domain, uint64_t address)
{
	uint64_t hash = (address ^ domain * 0x9e3779b97f4a7c15u) * 0x9fb21c651e98df25u;

	return hash ^ hash >> 32;
}

static inline uint64_t heap_tag(uint64_t hash)
{
	return HEAP_TAKEN | (hash >> 57);
}

/* The first slot of the group that a search begins with. */
static inline size_t heap_start(const struct heap *heap, uint64_t hash)
{
	return (size_t)hash * HEAP_GROUP & heap->mask;
}

static inline uint64_t heap_tags(const struct heap *heap, size_t slot)
{
	uint64_t tags;

	memcpy(&tags, &heap->tags[slot], sizeof tags);
	return tags;
}

/* The top bits of those bytes that are TAG, and seldom of another one. */
static inline uint64_t heap_match(uint64_t tags, uint64_t tag)
{
	uint64_t differences = tags ^ tag * 0x0101010101010101u;

	return (differences - 0x0101010101010101u) & ~differences & 0x8080808080808080u;
}

/* NULL when no such block lives. */
static inline struct heap_block *heap_find_hashed(const struct heap *heap, uint32_t domain,
						  uint64_t address, uint64_t hash)
{
	for (size_t slot = heap_start(heap, hash);; slot = (slot + HEAP_GROUP) & heap->mask) {
		uint64_t tags = heap_tags(heap, slot), match = heap_match(tags, heap_tag(hash));

		for (; match; match &= match - 1) {
			struct heap_block *block =
				&heap->slots[slot + (unsigned)__builtin_ctzll(match) / 8];

			if (block->address == address && block->domain == domain &&
			    heap->tags[block - heap->slots] & HEAP_TAKEN)
				return block;
		}
		if (heap_match(tags, HEAP_EMPTY))
			return NULL;
	}
}

static inline struct heap_block *heap_find(const struct heap *heap, uint32_t domain,
					   uint64_t address)
{
	return heap->flat ? NULL
			  : heap_find_hashed(heap, domain, address, heap_hash(domain, address));
}

/* Whether the slots are more than caches hold. */
static inline bool heap_is_large(const struct heap *heap)
{
	return heap->mask >= 1u << 16 && !heap->flat;
}

/*
 * Asks memory for what heap_prefetch will look at a little later. A function that does nothing else
 * is taken for one that does nothing, unless it is inlined early.
 */
static inline __attribute__((always_inline)) void heap_prefetch_tags(const struct heap *heap,
								     uint64_t address)
{
	__builtin_prefetch(&heap->tags[heap_start(heap, heap_hash(0, address))]);
}

/* Asks memory for what heap_find or heap_add will look at a little later. */
static inline __attribute__((always_inline)) void heap_prefetch(const struct heap *heap,
								uint64_t address)
{
	uint64_t hash = heap_hash(0, address);
	size_t slot = heap_start(heap, hash);
	uint64_t tags = heap_tags(heap, slot), match = heap_match(tags, heap_tag(hash));

	match = match ? match : ~tags & 0x8080808080808080u;
	if (match)
		slot += (unsigned)__builtin_ctzll(match) / 8;
	__builtin_prefetch(&heap->slots[slot], 1);
}

/* The first block at or after *SLOT, which moves behind it; NULL at the end. Start from 0. */
struct heap_block *heap_next(const struct heap *heap, size_t *slot);

#endif
