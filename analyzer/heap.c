// SPDX-License-Identifier: MIT
/*
 * Open addressing with linear probing; a removal moves later blocks back, so that no slot is ever a
 * grave and a search stays short however many blocks have come and gone.
 */
#include "heap.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

#define FIRST_SLOTS 1024u

static struct heap_block *new_slots(size_t n)
{
	struct heap_block *slots = xreallocarray(NULL, n, sizeof *slots);

	memset(slots, 0xff, n * sizeof *slots);
	return slots;
}

void heap_init(struct heap *heap)
{
	*heap = (struct heap){.slots = new_slots(FIRST_SLOTS), .mask = FIRST_SLOTS - 1};
}

void heap_init_flat(struct heap *heap, size_t expected)
{
	*heap = (struct heap){.flat = true, .mask = expected};
	heap->slots = xreallocarray(NULL, heap->mask + 1, sizeof *heap->slots);
}

void heap_release(struct heap *heap)
{
	free(heap->slots);
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

static struct heap_block *place(struct heap *heap, const struct heap_block *block)
{
	size_t i = heap_start(heap, block->domain, block->address);

	while (heap->slots[i].stack != HEAP_FREE)
		i = (i + 1) & heap->mask;
	heap->slots[i] = *block;
	return &heap->slots[i];
}

static void grow(struct heap *heap)
{
	struct heap bigger = {.slots = new_slots((heap->mask + 1) * 2), .mask = heap->mask * 2 + 1};

	for (size_t i = 0; i <= heap->mask; i++)
		if (heap->slots[i].stack != HEAP_FREE)
			place(&bigger, &heap->slots[i]);
	free(heap->slots);
	heap->slots = bigger.slots;
	heap->mask = bigger.mask;
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
	if (heap->n >= (heap->mask + 1) / 4 * 3)
		grow(heap);
	heap->n++;
	heap->size += block->size;
	return place(heap, block);
}

void heap_remove(struct heap *heap, struct heap_block *block)
{
	size_t hole = (size_t)(block - heap->slots);

	heap->n--;
	heap->size -= block->size;
	for (size_t i = (hole + 1) & heap->mask; heap->slots[i].stack != HEAP_FREE;
	     i = (i + 1) & heap->mask) {
		size_t start = heap_start(heap, heap->slots[i].domain, heap->slots[i].address);

		/* It may move back unless its search starts behind the hole. */
		if (((i - start) & heap->mask) >= ((i - hole) & heap->mask)) {
			heap->slots[hole] = heap->slots[i];
			hole = i;
		}
	}
	heap->slots[hole].stack = HEAP_FREE;
}

struct heap_block *heap_next(const struct heap *heap, size_t *slot)
{
	size_t end = heap->flat ? heap->n : heap->mask + 1;

	while (*slot < end) {
		struct heap_block *block = &heap->slots[(*slot)++];

		if (block->stack != HEAP_FREE)
			return block;
	}
	return NULL;
}
