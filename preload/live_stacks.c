// SPDX-License-Identifier: MIT
/*
 * A search descends by two bits of the hash a step. Who finds nothing puts a new frame at the end of
 * its way, if nobody else has meanwhile; a frame that came second for the same place is not used.
 */
#include "live_stacks.h"

#include <stddef.h>

#include "memory.h"

#define CHUNK_BITS 12
#define CHUNK_FRAMES (1u << CHUNK_BITS)
#define CHUNKS (1u << 16)
#define HEAD_BITS 12

struct frame {
	uint64_t address;
	uint32_t caller; /* 0: it is the outermost */
	uint32_t depth;
	uint32_t child[4];
};

struct tree {
	struct frame *chunk[CHUNKS];
	uint32_t head[1 << HEAD_BITS];
};

static struct tree *tree;
static uint32_t last_frame = STACK_NONE;

static struct frame *frame_at(uint32_t number)
{
	return &__atomic_load_n(&tree->chunk[number >> CHUNK_BITS],
				__ATOMIC_ACQUIRE)[number & (CHUNK_FRAMES - 1)];
}

static bool has_tree(void)
{
	return memory_map_once((void **)&tree, sizeof *tree) != NULL;
}

static bool has_chunk(uint32_t number)
{
	void **chunk = (void **)&tree->chunk[number >> CHUNK_BITS];

	return memory_map_once(chunk, CHUNK_FRAMES * sizeof(struct frame)) != NULL;
}

/* A frame of its own; 0 if there is no room. */
static uint32_t make(uint32_t caller, uint64_t address)
{
	uint32_t last = __atomic_load_n(&last_frame, __ATOMIC_RELAXED), number;

	do {
		number = last + 1;
		if (number >> CHUNK_BITS >= CHUNKS || !has_chunk(number))
			return 0;
	} while (!__atomic_compare_exchange_n(&last_frame, &last, number, false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	struct frame *frame = frame_at(number);

	frame->address = address;
	frame->caller = caller;
	frame->depth = caller ? frame_at(caller)->depth + 1 : 1;
	return number;
}

static uint32_t find(uint32_t caller, uint64_t address)
{
	uint64_t hash = (address ^ (uint64_t)caller << 40 ^ caller) * 0x9fb21c651e98df25u;
	uint32_t *link, number, made = 0;

	hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15u;
	link = &tree->head[hash >> (64 - HEAD_BITS)];
	hash <<= HEAD_BITS;
	while (true) {
		number = __atomic_load_n(link, __ATOMIC_ACQUIRE);
		if (!number) {
			made = made ? made : make(caller, address);
			if (!made ||
			    __atomic_compare_exchange_n(link, &number, made, false,
							__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
				return made;
		}
		struct frame *frame = frame_at(number);

		if (frame->address == address && frame->caller == caller)
			return number;
		link = &frame->child[hash >> 62];
		hash <<= 2;
	}
}

static bool grow(struct last_stack *last, uint32_t depth)
{
	uint32_t capacity = last->capacity ? last->capacity : 1024;
	uint32_t *frames, *old = last->frames;
	size_t old_size = last->capacity * sizeof *old;

	while (capacity < depth)
		capacity *= 2;
	frames = memory_map(capacity * sizeof *frames);
	if (!frames)
		return false;
	for (uint32_t i = 0; i < last->valid; i++)
		frames[i] = old[i];
	__atomic_store_n(&last->frames, frames, __ATOMIC_RELEASE);
	__atomic_store_n(&last->capacity, capacity, __ATOMIC_RELEASE);
	memory_unmap(old, old_size); /* last: another thread may fork between any two steps */
	return true;
}

uint32_t stacks_number(struct last_stack *last, const uint64_t *addresses, struct unwound walk)
{
	uint32_t at = walk.kept < last->valid ? walk.kept : last->valid;

	if (!walk.depth)
		return STACK_NONE;
	last->valid = at;
	if (!has_tree() || (walk.depth > last->capacity && !grow(last, walk.depth)))
		return STACK_NONE;
	for (; at < walk.depth; at++) {
		last->frames[at] = find(at ? last->frames[at - 1] : 0, addresses[at]);
		if (!last->frames[at])
			return STACK_NONE;
		last->valid = at + 1;
	}
	return last->frames[walk.depth - 1];
}

uint32_t stacks_frames(uint32_t number, uintptr_t *frames, unsigned capacity)
{
	uint32_t depth = number > STACK_NONE ? frame_at(number)->depth : 0;

	for (unsigned i = 0; i < capacity && i < depth; i++) {
		frames[i] = (uintptr_t)frame_at(number)->address;
		number = frame_at(number)->caller;
	}
	return depth;
}
