// SPDX-License-Identifier: MIT
/*
 * Which addresses the program has mapped, with access or without: domain 1 of the live table. Under
 * the lock `live` of the epoch page, which the caller holds.
 */
#ifndef PRELOAD_LIVE_RANGES_H
#define PRELOAD_LIVE_RANGES_H

#include <stdbool.h>
#include <stdint.h>

/* Of each address. Only what is in use counts. */
enum range_state { RANGE_NONE, RANGE_RESERVED, RANGE_USED };

struct live_range {
	uint64_t start, end;
	uint32_t state;
};

/* What a change took: the pieces that were not RANGE_NONE. */
#define TAKEN_MOST 16
struct ranges_taken {
	uint32_t n; /* may exceed TAKEN_MOST */
	struct live_range piece[TAKEN_MOST];
};

/*
 * From `start` to before `end`, what is in the state s gets the state to[s]. *added is by how many
 * bytes more are in use then, `taken`, if not NULL, what was there. False, and nothing is changed: no
 * memory.
 */
bool ranges_change(uint64_t start, uint64_t end, const uint8_t to[3], int64_t *added,
		   struct ranges_taken *taken);

/* Bytes in use. */
uint64_t ranges_sum(void);

/* All are RANGE_NONE. */
void ranges_clear(void);

#endif
