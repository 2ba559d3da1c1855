// SPDX-License-Identifier: MIT
/*
 * Addresses that will be asked for one by one, looked up together: on all cores, and in the order
 * that suits the files. Nothing but the time it takes tells that it was done.
 */
#ifndef ANALYZER_EXPECTED_H
#define ANALYZER_EXPECTED_H

#include "symbols.h"
#include "trace_private.h"

struct expected {
	const struct trace *trace;
	struct symbols *symbols; /* NULL: nothing is done */
	const bool *stacks;	 /* those that will be asked for */
	size_t n_stacks;	 /* the trace may have got more since */
	uint64_t limit;		 /* of frames of each stack */
	bool show_allocators;	 /* see snapshot_first_frame */
};

/* For tracebacks. */
void expected_tracebacks(const struct expected *expected);
/* For first frames: no more of a stack than its allocators and what stands behind them. */
void expected_first_frames(const struct expected *expected);

#endif
