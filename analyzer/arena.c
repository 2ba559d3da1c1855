// SPDX-License-Identifier: MIT
/*
 * A list of blocks; what is larger than a block gets one of its own.
 */
#include "arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

#define BLOCK_SIZE (256u << 10) /* above malloc's mmap threshold, so that release gives it back */

struct arena_block {
	struct arena_block *next;
	size_t size;
	alignas(max_align_t) char bytes[];
};

static void add_block(struct arena *arena, size_t size)
{
	struct arena_block *block = xmalloc(sizeof *block + size);

	block->size = size;
	block->next = arena->block;
	arena->block = block;
	arena->used = 0;
}

void *arena_get(struct arena *arena, size_t size)
{
	size_t rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);

	if (!arena->block || rounded > arena->block->size - arena->used)
		add_block(arena, rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE);
	void *memory = arena->block->bytes + arena->used;

	arena->used += rounded;
	return memory;
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
	void *copy = arena_get(arena, size);

	if (size)
		memcpy(copy, bytes, size);
	return copy;
}

char *arena_text(struct arena *arena, const char *text, size_t size)
{
	char *copy = arena_get(arena, size + 1);

	if (size)
		memcpy(copy, text, size);
	copy[size] = '\0';
	return copy;
}

void arena_release(struct arena *arena)
{
	while (arena->block) {
		struct arena_block *block = arena->block;

		arena->block = block->next;
		free(block);
	}
	arena->used = 0;
}
