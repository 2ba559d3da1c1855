// SPDX-License-Identifier: MIT
/*
 * No leaf is ever empty.
 */
#include "ranges.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

#define LEAF_RANGES 256u

struct ranges_leaf {
	size_t n;
	struct range ranges[LEAF_RANGES];
};

void ranges_release(struct ranges *ranges)
{
	for (size_t i = 0; i < ranges->n_leaves; i++)
		free(ranges->leaves[i]);
	free(ranges->leaves);
	*ranges = (struct ranges){0};
}

/* The first leaf of which something ends behind ADDRESS; n_leaves if there is none. */
static size_t find_leaf(const struct ranges *ranges, uint64_t address)
{
	size_t low = 0, high = ranges->n_leaves;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct ranges_leaf *leaf = ranges->leaves[middle];

		if (leaf->ranges[leaf->n - 1].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* The first range of a leaf that ends behind ADDRESS; n if there is none. */
static size_t find_range(const struct ranges_leaf *leaf, uint64_t address)
{
	size_t low = 0, high = leaf->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (leaf->ranges[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct range *ranges_find(const struct ranges *ranges, uint64_t address)
{
	size_t i = find_leaf(ranges, address);

	if (i == ranges->n_leaves)
		return NULL;
	return &ranges->leaves[i]->ranges[find_range(ranges->leaves[i], address)];
}

static struct ranges_leaf *insert_leaf(struct ranges *ranges, size_t at)
{
	if (ranges->n_leaves == ranges->cap) {
		ranges->cap = ranges->cap * 2 + 8;
		ranges->leaves = xreallocarray(ranges->leaves, ranges->cap, sizeof *ranges->leaves);
	}
	memmove(&ranges->leaves[at + 1], &ranges->leaves[at],
		(ranges->n_leaves++ - at) * sizeof *ranges->leaves);
	ranges->leaves[at] = xmalloc(sizeof **ranges->leaves);
	ranges->leaves[at]->n = 0;
	return ranges->leaves[at];
}

static void split_leaf(struct ranges *ranges, size_t at)
{
	struct ranges_leaf *right = insert_leaf(ranges, at + 1), *left = ranges->leaves[at];

	left->n = LEAF_RANGES / 2;
	right->n = LEAF_RANGES - left->n;
	memcpy(right->ranges, &left->ranges[left->n], right->n * sizeof *right->ranges);
}

void ranges_add(struct ranges *ranges, const struct range *range)
{
	size_t at = find_leaf(ranges, range->start);

	if (at == ranges->n_leaves && at)
		at--; /* behind all of them */
	else if (!ranges->n_leaves)
		insert_leaf(ranges, 0);
	if (ranges->leaves[at]->n == LEAF_RANGES) {
		split_leaf(ranges, at);
		at += range->start >= ranges->leaves[at + 1]->ranges[0].start;
	}
	struct ranges_leaf *leaf = ranges->leaves[at];
	size_t i = find_range(leaf, range->start);

	memmove(&leaf->ranges[i + 1], &leaf->ranges[i], (leaf->n++ - i) * sizeof *leaf->ranges);
	leaf->ranges[i] = *range;
	ranges->n++;
}

void ranges_remove(struct ranges *ranges, uint64_t start)
{
	size_t at = find_leaf(ranges, start);
	struct ranges_leaf *leaf = ranges->leaves[at];
	size_t i = find_range(leaf, start);

	memmove(&leaf->ranges[i], &leaf->ranges[i + 1], (--leaf->n - i) * sizeof *leaf->ranges);
	ranges->n--;
	if (leaf->n)
		return;
	free(leaf);
	memmove(&ranges->leaves[at], &ranges->leaves[at + 1],
		(--ranges->n_leaves - at) * sizeof *ranges->leaves);
}
