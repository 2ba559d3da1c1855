// SPDX-License-Identifier: MIT
/*
 * What the events of a trace do to the set of live blocks.
 */
#ifndef ANALYZER_LIVE_H
#define ANALYZER_LIVE_H

#include "heap.h"
#include "merge.h"
#include "peak.h"

struct live {
	struct trace *trace;
	struct heap heap;
	struct peak peak;
	uint64_t events, allocations, frees, allocated_bytes; /* see struct replay_totals */
	uint64_t time_ns;				      /* the largest seen */
	bool forked;					      /* a child that inherited blocks */
	struct arena arena;
	struct last_free **last; /* by slot of threads */
	size_t n_threads, cap_threads;
	struct intern threads;
};

/*
 * EXPECTED blocks of a snapshot, see heap_init_flat. Sets the counts that a replay makes in
 * trace->quality to 0.
 */
void live_init(struct live *live, struct trace *trace, size_t expected);
void live_release(struct live *live);

/* Whether an event is numbered: those that are about blocks. */
bool live_counts(enum event_kind kind);

/* Applies the head of STREAM; as merge_take, but never STOP. */
enum merge_answer live_apply(struct live *live, struct stream *stream, enum merge_try attempt);

#endif
