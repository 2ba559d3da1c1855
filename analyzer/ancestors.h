// SPDX-License-Identifier: MIT
/*
 * The traces that a forked child's refers to, opened by trace_inherit: its parent's, that one's
 * parent's and so on. Their numbers of modules, generations, threads and domains are made those of
 * the heir, the trace that is replayed.
 */
#ifndef ANALYZER_ANCESTORS_H
#define ANALYZER_ANCESTORS_H

#include "trace_private.h"

#define ANCESTORS_MOST 64 /* that are opened; a program that forks deeper is none */

struct ancestor {
	struct trace *trace;
	const struct trace_parent *fork; /* what its child says of it */
	uint32_t *numbers;		 /* of its modules in the heir's list */
	uint32_t *own;	  /* the other way round, by index in that list; MODULE_NONE: not there */
	bool replayed;	  /* once, so that the next is known: */
	uint64_t missing; /* events from before the fork that are not in the trace */
};

/*
 * Puts PARENT, which is taken over, behind the ancestors that TRACE has, as that which FORK tells of;
 * and makes those there are a part of TRACE. What trace_inherit is made of.
 */
void ancestors_add(struct trace *trace, const struct trace_parent *fork, struct trace *parent);
void ancestors_settle(struct trace *trace);
void ancestors_release(struct trace *trace);

/* Adds to trace->inherited.warning: WHAT, which is taken over, and what follows from it. */
void ancestors_warn(struct trace *trace, char *what);

#endif
