// SPDX-License-Identifier: MIT
/*
 * What a replay of a trace takes from it, up to four snapshots and the totals.
 *
 *	begin(&made);
 *	made_alloc(&made, 0, 0x1000, 24, 0, NULL);
 *	CHECK_EQ(take(&taken, &made, "peak end"), 0);   taken.snapshots[1] is that of the end
 *	drop_both(&taken, &made);
 */
#ifndef TESTS_UNIT_TAKEN_H
#define TESTS_UNIT_TAKEN_H

#include "analyzer/replay.h"
#include "tests/unit/made_trace.h"

struct taken {
	struct trace *trace;
	struct frames *frames;
	struct snapshot *snapshots[4];
	size_t n; /* moments asked for */
	struct replay_totals totals;
	char *message; /* NULL without an error */
};

/* Begins a trace of one thread without stamps. */
void begin(struct made *made);
/* Takes a snapshot at each of MOMENTS, which are separated by blanks; as replay(). */
int take(struct taken *taken, struct made *made, const char *moments);
/* The same of a trace that is open, which becomes TAKEN's. */
int take_trace(struct taken *taken, struct trace *trace, const char *moments);
void drop(struct taken *taken);
/* The same, and releases MADE. */
void drop_both(struct taken *taken, struct made *made);

#endif
