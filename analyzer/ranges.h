// SPDX-License-Identifier: MIT
/*
 * Address ranges that do not overlap, in order: the mappings of a replay.
 *
 * Leaves of some hundred ranges in an array: all that is asked for takes two binary searches, and a
 * change moves a leaf's worth of memory at most.
 */
#ifndef ANALYZER_RANGES_H
#define ANALYZER_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
	uint64_t start, end; /* end > start */
	uint64_t stamp;	     /* of the event that made it */
	uint64_t origin;     /* number of that event: pieces of one range have the same */
	uint32_t stack, thread;
	bool reserved; /* mapped, but without access */
};

struct ranges {
	struct ranges_leaf **leaves;
	size_t n_leaves, cap;
	size_t n; /* ranges */
};

/* A zeroed struct is empty. */
void ranges_release(struct ranges *ranges);

/* The first range that ends behind ADDRESS; NULL if there is none. Borrowed until the next change. */
struct range *ranges_find(const struct ranges *ranges, uint64_t address);
/* Adds a range that must overlap none. */
void ranges_add(struct ranges *ranges, const struct range *range);
/* Removes the range that starts at START, which must be there. */
void ranges_remove(struct ranges *ranges, uint64_t start);

#endif
