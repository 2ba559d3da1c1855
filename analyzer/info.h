// SPDX-License-Identifier: MIT
/*
 * What `tmtrace info` knows of a trace, and the two ways to print it.
 */
#ifndef ANALYZER_INFO_H
#define ANALYZER_INFO_H

#include <stdio.h>

#include "coverage.h"
#include "query.h"
#include "replay.h"
#include "view.h"

struct info {
	const struct query *query;
	const struct view *view; /* its snapshot: at the end */
	struct replay_totals totals;
	struct coverage coverage;
};

/* Words for enum ended_by; NULL: none. */
extern const char *const info_endings[ENDED_BY_END];

void info_table(const struct info *info, FILE *out);
void info_json(const struct info *info, FILE *out);

#endif
