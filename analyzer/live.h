// SPDX-License-Identifier: MIT
/*
 * What the events of a trace do to the set of live blocks.
 */
#ifndef ANALYZER_LIVE_H
#define ANALYZER_LIVE_H

#include "brief.h"
#include "heap.h"
#include "last_free.h"
#include "mapped.h"
#include "merge.h"
#include "peak.h"
#include "session.h"

struct live {
	struct trace *trace;
	struct heap heap;
	struct brief brief; /* blocks that are not in the slots of the heap; see live_settle */
	struct peak peak;
	struct session session;
	uint64_t events, allocations, frees, allocated_bytes; /* see struct replay_totals */
	uint64_t time_ns;				      /* the largest seen */
	bool inherited;		    /* what the trace that is replayed inherited is there */
	bool forked;		    /* there may be inherited blocks that are not */
	uint64_t until, until_time; /* live_run returns: after so many events, before such a time */
	struct last_frees last;
	struct mapped mapped; /* domain 1, whose traces are in the heap too */
};

/*
 * EXPECTED blocks of a snapshot, see heap_init_flat. Sets the counts that a replay makes in
 * trace->quality to 0.
 */
void live_init(struct live *live, struct trace *trace, size_t expected);
void live_release(struct live *live);

/* Applies the head of STREAM, which stays the head; as merge_take, but never STOP. */
enum merge_answer live_apply(struct live *live, struct stream *stream, enum merge_try attempt);

/*
 * Applies the head and all that may follow it, as merge_take; anything but allocations, frees and
 * times before live->until_time is applied alone.
 */
enum merge_answer live_run(struct live *live, struct stream *stream, enum merge_try attempt,
			   uint64_t below);

/*
 * Counts the head of STREAM, a TRACK, and gives the number of its stack. INTERN_NONE: it has none and
 * nothing is to happen.
 */
uint32_t live_unfold(struct live *live, struct stream *stream);

/*
 * What lives now was inherited from the process whose events were applied so far: all that is counted
 * begins anew. COMPLETE: as far as is known nothing is missing of it.
 */
void live_inherit(struct live *live, bool complete);

/* To be called before anybody looks into the heap: all blocks move into its slots. */
void live_settle(struct live *live);

#endif
