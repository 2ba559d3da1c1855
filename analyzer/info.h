// SPDX-License-Identifier: MIT
/*
 * What `tmtrace info` knows of a trace, and the two ways to print it.
 */
#ifndef ANALYZER_INFO_H
#define ANALYZER_INFO_H

#include <stdio.h>

#include "coverage.h"
#include "exec_links.h"
#include "look.h"
#include "query.h"
#include "replay.h"
#include "view.h"

struct info {
	const struct query *query;
	const struct view *view; /* its snapshot: at the end */
	struct replay_totals totals;
	struct coverage coverage;
	struct exec_links exec;
	uint64_t jit_names; /* lines of the perf map */
	bool jit_cut;	    /* it has more than the trace */
};

/* Words for enum ended_by; NULL: none. */
extern const char *const info_endings[ENDED_BY_END];

/* What names the code that a JIT compiler made, or what would; to be freed; NULL: there is none. */
char *info_jit_words(const struct info *info);

void info_table(const struct info *info, FILE *out);
/* The modules that leave frames without a line, the worst first, behind INDENT blanks. */
void info_modules(const struct info *info, const struct look *look, unsigned indent, FILE *out);
void info_json(const struct info *info, FILE *out);

#endif
