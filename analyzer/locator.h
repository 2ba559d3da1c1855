// SPDX-License-Identifier: MIT
/*
 * From the stacks of a trace to tracebacks: addresses are named by the trace itself where it can,
 * else by the symbols service, each once.
 */
#ifndef ANALYZER_LOCATOR_H
#define ANALYZER_LOCATOR_H

#include "snapshot.h"
#include "symbols.h"
#include "trace_private.h"

struct locator;

/*
 * Counted: each snapshot_stacks made of it holds it, and so does the caller. SYMBOLS may be NULL.
 */
struct locator *locator_new(struct trace *trace, struct frames *frames, struct symbols *symbols);
void locator_release(struct locator *locator);

/* What a snapshot of the trace as it is now asks; LIMIT frames of each stack count, 0 = all. */
struct snapshot_stacks locator_stacks(struct locator *locator, uint64_t limit);
struct frames *locator_frames(const struct locator *locator);

#endif
