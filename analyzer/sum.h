// SPDX-License-Identifier: MIT
/*
 * Several recordings summed: the snapshots of all, grouped into one set of groups, one after the
 * other, so that no more than one of them is in memory.
 *
 * What the user names must be readable; of what is found in a folder, the rest is summed and the
 * damage said. One recording counts once, however many files of it there are.
 */
#ifndef ANALYZER_SUM_H
#define ANALYZER_SUM_H

#include "group.h"
#include "sum_operands.h"
#include "view.h"

struct sum {
	struct sum_operands operands;
	struct groups groups;
	uint64_t size, count; /* of the traces, each once */
	uint64_t mapped;      /* bytes of those that are memory mapped by the program */
	size_t n_traces;      /* that were summed */
	size_t n_incomplete;  /* of those, lacking some of what their processes inherited */
	size_t n_processes;   /* of which they are: exec makes several traces of one */
	struct view whole;    /* trace: processes and modules of all; no snapshot */
};

/* Which traces it will be: looks at the first bytes of each. Dies. */
void sum_open(struct sum *sum, const struct query *query);
/* Groups all of them by the key of QUERY, filtered. Dies; what can be left out is warned of. */
void sum_take(struct sum *sum, struct frames *frames, const struct query *query);
void sum_release(struct sum *sum);

#endif
