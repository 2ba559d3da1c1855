// SPDX-License-Identifier: MIT
/*
 * Groups of slots, and linear probing from group to group. Of the slots 3 in 4 are used, graves
 * included; a heap that is full mostly of graves is made anew in its size.
 */
#include "heap.h"

#include <stdlib.h>

#include "die.h"

#define FIRST_SLOTS 1024u

static void make_slots(struct heap *heap, size_t n)
{
	*heap = (struct heap){.mask = n - 1, .n_free = n / 4 * 3};
	heap->slots = xreallocarray(NULL, n, sizeof *heap->slots);
	heap->tags = xcalloc(n, sizeof *heap->tags);
}

void heap_init(struct heap *heap)
{
	make_slots(heap, FIRST_SLOTS);
}

void heap_init_flat(struct heap *heap, size_t expected)
{
	*heap = (struct heap){.flat = true, .mask = expected};
	heap->slots = xreallocarray(NULL, heap->mask + 1, sizeof *heap->slots);
}

void heap_release(struct heap *heap)
{
	free(heap->slots);
	free(heap->tags);
	*heap = (struct heap){0};
}

void heap_clear(struct heap *heap)
{
	bool flat = heap->flat;

	heap_release(heap);
	if (flat)
		heap_init_flat(heap, 0);
	else
		heap_init(heap);
}

void heap_copy(struct heap *to, const struct heap *from)
{
	size_t n = from->mask + 1;

	*to = *from;
	to->slots = xreallocarray(NULL, n, sizeof *to->slots);
	to->tags = xreallocarray(NULL, n, sizeof *to->tags);
	memcpy(to->slots, from->slots, n * sizeof *to->slots);
	memcpy(to->tags, from->tags, n * sizeof *to->tags);
}

static struct heap_block *place(struct heap *heap, const struct heap_block *block)
{
	uint64_t hash = heap_hash(block->domain, block->address);
	size_t slot = heap_start(heap, hash);
	uint64_t vacant;

	while (!(vacant = ~heap_tags(heap, slot) & 0x8080808080808080u))
		slot = (slot + HEAP_GROUP) & heap->mask;
	slot += (unsigned)__builtin_ctzll(vacant) / 8;
	heap->n_free -= heap->tags[slot] == HEAP_EMPTY;
	heap->tags[slot] = (uint8_t)heap_tag(hash);
	heap->slots[slot] = *block;
	return &heap->slots[slot];
}

static void grow(struct heap *heap)
{
	size_t n_slots = heap->mask + 1;
	struct heap bigger;

	make_slots(&bigger, heap->n < n_slots / 2 ? n_slots : n_slots * 2);
	for (size_t i = 0; i < n_slots; i++)
		if (heap->tags[i] & HEAP_TAKEN)
			place(&bigger, &heap->slots[i]);
	bigger.n = heap->n;
	bigger.size = heap->size;
	heap_release(heap);
	*heap = bigger;
}

static struct heap_block *append(struct heap *heap, const struct heap_block *block)
{
	if (heap->n > heap->mask) {
		heap->mask = heap->mask * 2 + 1;
		heap->slots = xreallocarray(heap->slots, heap->mask + 1, sizeof *heap->slots);
	}
	heap->size += block->size;
	heap->slots[heap->n] = *block;
	return &heap->slots[heap->n++];
}

struct heap_block *heap_add(struct heap *heap, const struct heap_block *block)
{
	if (heap->flat)
		return append(heap, block);
	if (!heap->n_free)
		grow(heap);
	heap->n++;
	heap->size += block->size;
	return place(heap, block);
}

void heap_remove(struct heap *heap, struct heap_block *block)
{
	size_t slot = (size_t)(block - heap->slots);
	bool open = heap_match(heap_tags(heap, slot & ~(size_t)(HEAP_GROUP - 1)), HEAP_EMPTY) != 0;

	/* No search ever went past a group with an empty slot. */
	heap->n--;
	heap->size -= block->size;
	heap->tags[slot] = open ? HEAP_EMPTY : HEAP_GRAVE;
	heap->n_free += open;
}

struct heap_block *heap_next(const struct heap *heap, size_t *slot)
{
	size_t end = heap->flat ? heap->n : heap->mask + 1;

	while (*slot < end) {
		struct heap_block *block = &heap->slots[(*slot)++];

		if (heap->flat || heap->tags[block - heap->slots] & HEAP_TAKEN)
			return block;
	}
	return NULL;
}
