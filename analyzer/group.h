// SPDX-License-Identifier: MIT
/*
 * Groups of traces by key, filled from one snapshot or from the two sides of a comparison.
 */
#ifndef ANALYZER_GROUP_H
#define ANALYZER_GROUP_H

#include "statistic.h"

enum group_side { GROUP_NEW, GROUP_OLD };

struct group_sums {
	uint64_t size, count;
	uint64_t total_size, total_count; /* see struct statistic */
};

struct group {
	uint32_t traceback, key;   /* see struct statistic */
	bool several;		   /* a module's line 0, met in more than one function */
	struct group_sums sums[2]; /* by side */
	uint64_t last_stack;	   /* that was counted in total_*, plus 1 */
};

struct groups {
	struct frames *frames;
	enum group_key key;
	bool cumulative;
	bool several; /* processes: what is theirs alone, a thread, has the process in its text */
	struct group *groups;
	size_t n, cap;
	/* The group of a traceback, frame or string number, whichever the key is. */
	uint32_t *by_number;
	size_t n_numbers;
};

/*
 * Adds the traces of SNAPSHOT to one side, any number of snapshots that share one struct frames;
 * KEY, CUMULATIVE and SEVERAL are set by the caller before.
 */
void groups_add(struct groups *groups, struct snapshot *snapshot, enum group_side side);

/* The rows of the new side, as statistics() has them. */
struct statistic *statistics_of(const struct groups *groups, size_t *n);

void groups_release(struct groups *groups);

#endif
