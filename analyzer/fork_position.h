// SPDX-License-Identifier: MIT
/*
 * Where in the streams of its parent a process was forked: what stands before that, and nothing
 * behind it, made the memory that it inherited.
 */
#ifndef ANALYZER_FORK_POSITION_H
#define ANALYZER_FORK_POSITION_H

#include "stream.h"

bool fork_position_is_valid(const struct trace_parent *fork);

/* Numbers that tell earlier forks of one parent from later ones: its threads so far, events of some. */
void fork_position_weigh(const struct trace_parent *fork, uint64_t *threads, uint64_t *events);

/*
 * Each of STREAMS, those of the parent's TRACE, ends there. What is damaged counts as taken. False, and
 * nothing has changed: they ended behind it before.
 */
bool fork_position_cut(const struct trace_parent *fork, struct streams *streams,
		       const struct trace *trace);

/* How many events before it are not in the parent's TRACE, as far as is known once STREAMS are at their end. */
uint64_t fork_position_missing(const struct trace_parent *fork, const struct streams *streams,
			       struct trace *trace);

#endif
