// SPDX-License-Identifier: MIT
/*
 * Statistics ready to be printed: the rows, what they are of, and how many the user wants to see.
 */
#ifndef ANALYZER_REPORT_H
#define ANALYZER_REPORT_H

#include <stdio.h>

#include "query.h"
#include "sum.h"
#include "view.h"

/* A Statistic, or a StatisticDiff. */
struct report_row {
	uint32_t traceback, key; /* as in struct statistic */
	uint64_t size, count;
	int64_t size_diff, count_diff;
	uint64_t total_size, total_count;
};

struct report {
	const struct query *query;
	const struct view *old;	 /* NULL: no diff */
	const struct view *view; /* of a diff, the new one; of a sum, its `whole` */
	const struct sum *sum;	 /* NULL: of one trace */
	uint64_t size, count;	 /* of the traces of the view, or the sum, each once */
	uint64_t mapped;	 /* bytes of those that the program mapped */
	struct frames *frames;
	struct report_row *rows; /* in tracemalloc's order */
	size_t n_rows, n_shown;
	bool has_totals; /* rows have a total beside their own */
};

/*
 * Groups the snapshots of the views; OLD NULL for statistics, else a comparison. Dies when the key
 * is one that the trace knows nothing of.
 */
void report_init(struct report *report, const struct query *query, struct frames *frames,
		 const struct view *view, const struct view *old);
/* Of a sum that was taken. */
void report_init_sum(struct report *report, const struct query *query, struct frames *frames,
		     const struct sum *sum);
void report_release(struct report *report);

/* Prints it as the query says. */
void report_print(const struct report *report, FILE *out);

/* The text of a key that is no frame, *SIZE bytes; NULL for the keys whose group is a traceback. */
const char *report_key_text(const struct report *report, const struct report_row *row,
			    size_t *size);

/* "lines", "tracebacks": what N groups of the key are called. */
const char *report_noun(const struct report *report, uint64_t n);

#endif
