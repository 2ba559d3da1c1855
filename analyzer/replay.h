// SPDX-License-Identifier: MIT
/*
 * Replays a trace in one total order of its events: the one engine behind every view.
 */
#ifndef ANALYZER_REPLAY_H
#define ANALYZER_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "moment.h"
#include "snapshot.h"
#include "trace.h"

struct symbols;

/* Totals of a whole replay. */
struct replay_totals {
	uint64_t events;      /* those that are about blocks, see event_counts */
	uint64_t allocations; /* ALLOC events */
	uint64_t frees; /* FREE events that were not undone, those of unknown blocks included */
	uint64_t allocated_bytes;
	uint64_t live_size, live_count; /* at the end */
	uint64_t reserved_size;		/* at the end: mapped, but without access; no trace */
	uint64_t peak_size, peak_count; /* the first maximum of the size of all domains together */
	uint64_t peak_event, peak_time_ns;
	uint64_t start_size, start_count; /* before all events: what a forked child inherited */
	uint64_t distinct_stacks;	  /* that allocated, those of ancestors included */
	/* Live size at 60 equal steps of the events, for the sparkline of info. */
	uint64_t curve[60];
};

/*
 * Takes a snapshot at each of `n` moments (n may be 0) in one pass and, if `totals` is not NULL,
 * goes on to the end for the totals. Snapshots come back in snapshots[i], for the caller to free
 * before `trace`, `frames` and `symbols`. Returns 0, or -1 with *message as in trace_open (a moment
 * beyond the end, no such mark). Updates trace->quality. `progress` may be NULL.
 */
int replay(struct trace *trace, const struct moment *moments, size_t n, struct frames *frames,
	   struct symbols *symbols, struct snapshot **snapshots, struct replay_totals *totals,
	   void (*progress)(void *arg, uint64_t events, double share), void *progress_arg,
	   char **message);

/*
 * Calls `visit` for each event in the total order, with the stack (outermost first) as addresses.
 * `dump` is made of this. Returns as replay.
 */
struct replay_event {
	/* From 1; 0 for time, mark, clock, module and thread events, which do not count. */
	uint64_t number;
	int kind; /* enum event_kind */
	uint32_t thread;
	uint64_t address, size, value, stamp, time_ns;
	uint32_t domain;
	unsigned flags;		   /* enum event_flag */
	const uint64_t *addresses; /* of the stack of ALLOC and TRACK, MOST RECENT FIRST */
	const uint32_t *modules;   /* trace module index of each, MODULE_NONE */
	size_t depth;
};
int replay_events(struct trace *trace, void (*visit)(void *arg, const struct replay_event *),
		  void *arg, char **message);

#endif
