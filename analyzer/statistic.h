// SPDX-License-Identifier: MIT
/*
 * Snapshot.statistics and Snapshot.compare_to: groups of traces, in tracemalloc's order.
 */
#ifndef ANALYZER_STATISTIC_H
#define ANALYZER_STATISTIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot.h"

enum group_key {
	GROUP_TRACEBACK,
	GROUP_LINENO,
	GROUP_FILENAME,
	GROUP_FUNCTION,
	GROUP_MODULE,
	GROUP_DOMAIN,
	GROUP_THREAD,
	GROUP_PROCESS,
	GROUP_KEY_END
};

extern const char *const group_key_names[GROUP_KEY_END];

/* True for traceback, lineno, filename: the group is a traceback. Else it is a text. */
bool group_key_is_frames(enum group_key key);
/* True for lineno, filename, function, module: what --cumulative can count. */
bool group_key_is_frame(enum group_key key);
/* True for both kinds: the frames of a traceback tell the group. */
bool group_key_has_frames(enum group_key key);

struct statistic {
	uint32_t traceback; /* frames.h id, of the group: filename with line 0, function and
				module one frame of it, the others "<unknown>:0" */
	/* String id of the group's text for keys that are no frames, else STRING_NONE. */
	uint32_t key;
	uint64_t size, count;
	uint64_t total_size,
		total_count; /* function and module: with everything below, each trace once */
};

struct statistic_diff {
	uint32_t traceback, key;
	uint64_t size, count; /* new */
	int64_t size_diff, count_diff;
};

/*
 * Sorted as tracemalloc sorts; texts as tracebacks. Returns an array of *n for the caller to free.
 * Numbers are bytes and blocks. The snapshots of a comparison share one struct frames. Cumulative
 * statistics leave out the leading frames that are hidden; where it does not apply it is ignored.
 * Texts: function "NAME" or "FILE:LINE" without one, module PATH, domain "NAME (0)" or "0", thread
 * "NAME (2)" or "thread 2", process as the snapshot has it; "<unknown>" where that is not known.
 */
struct statistic *statistics(struct snapshot *snapshot, enum group_key key, bool cumulative,
			     size_t *n);
struct statistic_diff *statistics_compare(struct snapshot *newer, struct snapshot *older,
					  enum group_key key, bool cumulative, size_t *n);

/* tracemalloc's _format_size: "10.0 KiB", "+0 B". Returns text in `buffer`. */
#define SIZE_TEXT_MAX 32
const char *size_text(double size, bool sign, char buffer[SIZE_TEXT_MAX]);

#endif
