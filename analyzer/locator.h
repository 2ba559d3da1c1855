// SPDX-License-Identifier: MIT
/*
 * From the stacks of a trace to tracebacks: addresses are named by the trace itself where it has
 * lines for them, else by the symbols service where that has them, each once.
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

/*
 * The frames (frames.h ids) that a look-up ADDRESS in a module of the trace stands for, innermost
 * first, *N >= 1 of them. Borrowed until the next call.
 */
const uint32_t *locator_find(struct locator *locator, uint32_t module, uint64_t address, size_t *n);

#endif
