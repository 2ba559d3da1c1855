// SPDX-License-Identifier: MIT
/*
 * Raw words of a block: how many of them are events that hold together, and what those sum up to.
 */
#ifndef ANALYZER_BLOCK_H
#define ANALYZER_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/event.h"

struct block_sums {
	size_t n_words;			   /* of the events that count */
	uint32_t records;		   /* events of all kinds: what chunk headers count */
	uint64_t events;		   /* those about blocks of memory: what users count */
	uint64_t allocations, frees, size; /* of the heap; an undone free is none */
	uint64_t first_stamp, last_stamp;  /* 0 when no event has one */
	uint64_t time_ns;		   /* the largest of a time event, 0 none */
	bool bad;			   /* what follows those words is no event */
};

/*
 * Sums up the events from the beginning on until one is no valid event, keeps more frames than the
 * stack before it has, or has a stamp after CUTOFF.
 */
struct block_sums block_sum(const uint64_t *words, size_t n, bool stamped, uint64_t cutoff);

#endif
