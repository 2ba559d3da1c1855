// SPDX-License-Identifier: MIT
/*
 * Ranges in order that do not touch, or differ in their state. A change writes all of them anew, in
 * the other one of two arrays, and then the word that says which counts: mappings are few, and a fork
 * may come at any time.
 */
#include "live_ranges.h"

#include <stddef.h>

#include "memory.h"

#define FIRST 120 /* ranges */

struct set {
	size_t size; /* bytes mapped */
	uint32_t n, capacity;
	struct live_range range[];
};

static struct set *now, *other;

static struct set *make_room(uint32_t n)
{
	struct set *old = other == now ? NULL : other; /* the same: a fork came between two steps */
	uint32_t capacity = FIRST;

	if (old && n <= old->capacity)
		return old;
	while (capacity < n)
		capacity *= 2;
	size_t size = sizeof(struct set) + capacity * sizeof(struct live_range);
	struct set *made = memory_map(size);

	if (!made)
		return NULL;
	made->size = size;
	made->capacity = capacity;
	__atomic_store_n(&other, made, __ATOMIC_RELEASE);
	memory_unmap(old, old ? old->size : 0);
	return made;
}

static void add(struct set *set, uint64_t start, uint64_t end, uint32_t state)
{
	struct live_range *last = set->n ? &set->range[set->n - 1] : NULL;

	if (start >= end || state == RANGE_NONE)
		return;
	if (last && last->end == start && last->state == state)
		last->end = end;
	else
		set->range[set->n++] = (struct live_range){start, end, state};
}

/* How many more bytes are in use if so many go from one state into another. */
static int64_t gain(uint64_t start, uint64_t end, uint32_t from, uint32_t to)
{
	int direction = (to == RANGE_USED) - (from == RANGE_USED);

	return start < end ? direction * (int64_t)(end - start) : 0;
}

static void note(struct ranges_taken *taken, uint64_t start, uint64_t end, uint32_t state)
{
	if (!taken)
		return;
	if (taken->n < TAKEN_MOST)
		taken->piece[taken->n] = (struct live_range){start, end, state};
	taken->n++;
}

bool ranges_change(uint64_t start, uint64_t end, const uint8_t to[3], int64_t *added,
		   struct ranges_taken *taken)
{
	uint32_t n = now ? now->n : 0;
	struct set *set = make_room(n + 3);
	uint64_t at = start; /* what is before it is done */

	*added = 0;
	if (!set)
		return false;
	set->n = 0;
	for (uint32_t i = 0; i < n; i++) {
		struct live_range range = now->range[i];
		uint64_t first = range.start > start ? range.start : start;
		uint64_t last = range.end < end ? range.end : end;

		if (range.start >= end) {
			add(set, at, end, to[RANGE_NONE]);
			*added += gain(at, end, RANGE_NONE, to[RANGE_NONE]);
			at = end;
		}
		if (first >= last) {
			add(set, range.start, range.end, range.state);
			continue;
		}
		note(taken, first, last, range.state);
		add(set, range.start, first, range.state);
		add(set, at, first, to[RANGE_NONE]);
		add(set, first, last, to[range.state]);
		add(set, last, range.end, range.state);
		*added += gain(at, first, RANGE_NONE, to[RANGE_NONE]) +
			  gain(first, last, range.state, to[range.state]);
		at = last;
	}
	add(set, at, end, to[RANGE_NONE]);
	*added += gain(at, end, RANGE_NONE, to[RANGE_NONE]);
	__atomic_store_n(&other, now, __ATOMIC_RELEASE);
	__atomic_store_n(&now, set, __ATOMIC_RELEASE);
	return true;
}

uint64_t ranges_sum(void)
{
	uint64_t size = 0;

	for (uint32_t i = 0; now && i < now->n; i++)
		size += now->range[i].state == RANGE_USED ? now->range[i].end - now->range[i].start
							  : 0;
	return size;
}

void ranges_clear(void)
{
	if (now)
		__atomic_store_n(&now->n, 0, __ATOMIC_RELEASE);
}
