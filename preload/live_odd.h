// SPDX-License-Identifier: MIT
/*
 * The live blocks that the shadow has no place for: of 4 GiB and more, at addresses that are no
 * multiple of 16 or no address of a program at all, or of too many domains. A hash table in parts,
 * of which one at a time grows; under the lock `live` of the epoch page, which the caller holds.
 *
 * Each change ends with the store of one word, before which it has not happened: a fork may come at
 * any time.
 */
#ifndef PRELOAD_LIVE_ODD_H
#define PRELOAD_LIVE_ODD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct odd_block {
	uint64_t address, size;
	uint32_t domain;
	uint32_t stack; /* 0: there is none */
};

/* How many there are, and of these at addresses of the shadow; without the lock, a moment ago. */
size_t odd_count(void);
size_t odd_misplaced(void);

/* The block at the address, which need not be there. */
struct odd_block odd_look(uint32_t domain, uint64_t address);

/* It goes. */
struct odd_block odd_take(uint32_t domain, uint64_t address);

/* Adds one that is not there. False: no memory. */
bool odd_add(struct odd_block block);

/* All go. The sum of their sizes; odd_sum: which they had. */
uint64_t odd_clear(void);
uint64_t odd_sum(void);

#endif
