// SPDX-License-Identifier: MIT
/*
 * Snapshots of the live blocks of a replay.
 */
#ifndef ANALYZER_SNAPSHOT_MAKE_H
#define ANALYZER_SNAPSHOT_MAKE_H

#include "live.h"
#include "locator.h"
#include "moment.h"

struct snapshot *snapshot_make(struct live *live, struct locator *locator,
			       const struct moment *moment, uint64_t time_ns);
/* The same, but takes the memory of the live blocks over: none are left. */
struct snapshot *snapshot_make_last(struct live *live, struct locator *locator,
				    const struct moment *moment, uint64_t time_ns);
/* Of the maximum that live->peak kept a journal of. */
struct snapshot *snapshot_make_peak(struct live *live, struct locator *locator,
				    const struct moment *moment);

#endif
