// SPDX-License-Identifier: MIT
/*
 * The formats of a report, one render_FORMAT.c each.
 */
#ifndef ANALYZER_RENDER_H
#define ANALYZER_RENDER_H

#include <stdio.h>

#include "report.h"

void render_table(const struct report *report, FILE *out); /* for people: tables.md */
void render_plain(const struct report *report, FILE *out); /* str(Statistic), str(StatisticDiff) */
void render_traceback(const struct report *report, FILE *out); /* Traceback.format() */
void render_json(const struct report *report, FILE *out);
void render_csv(const struct report *report, FILE *out);

/* Traceback.format() of one traceback, names as they are. */
struct lines;
void render_frames(const struct frames *frames, uint32_t traceback, const struct query *query,
		   struct lines *lines, FILE *out);

/* The frames that Traceback.format(limit) selects: *FIRST and *N of `n_frames`, most recent first. */
void render_select(int64_t limit, size_t n_frames, size_t *first, size_t *n);

#endif
