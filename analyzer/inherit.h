// SPDX-License-Identifier: MIT
/*
 * What a forked child begins with: the events of its ancestors, up to where each forked the next.
 */
#ifndef ANALYZER_INHERIT_H
#define ANALYZER_INHERIT_H

#include "live.h"

/* Before anything else is applied to LIVE, which is of TRACE; see trace_inherit. */
void inherit(struct live *live, struct trace *trace);

/* Applies to LIVE what STREAMS, of ANCESTOR, still have up to where they are cut. */
void inherit_run(struct live *live, struct streams *streams, const struct trace *ancestor);

#endif
