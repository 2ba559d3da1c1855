// SPDX-License-Identifier: MIT
/*
 * What seldom happens to the set of live blocks; a part of live.c. live_inherit, which is too, stands
 * in live.h.
 */
#ifndef ANALYZER_LIVE_RARE_H
#define ANALYZER_LIVE_RARE_H

#include "live.h"

static inline struct last_free *live_last(struct live *live, struct stream *stream)
{
	struct last_free *last = stream->mind;

	if (!last || last->thread != stream->thread)
		stream->mind = last = last_frees_get(&live->last, stream->thread);
	return last;
}

/* What a replay counts in the quality of a trace is 0. */
void live_forget_quality(struct trace *trace);

/* The head of STREAM, an undo: what its thread removed last is back. */
void live_undo(struct live *live, struct stream *stream);

/* Every block is forgotten, and so is the peak, unless the recording stops. */
void live_clear(struct live *live, bool stop);

/* The head of STREAM, which a thread still wrote when the recording had been stopped. */
enum merge_answer live_pass_over(struct live *live, struct stream *stream);

#endif
