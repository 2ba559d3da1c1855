// SPDX-License-Identifier: MIT
/*
 * What is missing of a trace, in numbers for trace->quality and in one line for people.
 */
#ifndef ANALYZER_DAMAGE_H
#define ANALYZER_DAMAGE_H

#include "trace_private.h"

/* Fills in quality, complete and warning from what the reader found. */
void damage_report(struct trace *trace);

/*
 * When the events before and after chunk number CHUNK were written, of THREAD or with UINT32_MAX of
 * all; 0 not known. Headers say when a chunk was written, so its events lie between that and the
 * time before.
 */
uint64_t damage_time_before(const struct reader *reader, size_t chunk, uint32_t thread);
uint64_t damage_time_after(const struct reader *reader, size_t chunk);

/* Adds a text, which is taken over, to trace->warning. */
void damage_warn(struct trace *trace, char *text);

/* A chunk whose checksum holds turned out to be no valid events when replayed. Reported once. */
void damage_add(struct trace *trace, struct chunk *chunk);

#endif
