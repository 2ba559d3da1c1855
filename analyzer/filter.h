// SPDX-License-Identifier: MIT
/*
 * tracemalloc's Filter and DomainFilter, and Snapshot.filter_traces.
 *
 * Rule texts are those of the command line:
 *   --filter         include|exclude[,lineno=N][,all-frames][,domain=D],pattern=GLOB
 *   --domain-filter  include|exclude,D
 */
#ifndef ANALYZER_FILTER_H
#define ANALYZER_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot.h"

struct filter {
	bool inclusive;
	bool domain_only; /* a DomainFilter: pattern, line and all_frames do not count */
	char *pattern;	  /* normalised; owned */
	bool any_line, any_domain;
	uint32_t line, domain;
	bool all_frames;
};

/* Parses a rule. Returns NULL, or what is wrong and what was expected, for the caller to free. */
char *filter_parse(struct filter *filter, const char *rule);
char *filter_parse_domain(struct filter *filter, const char *rule);
void filter_release(struct filter *filter);

/*
 * A filter looks at snapshot_first_frame, or with all_frames at the whole traceback.
 *
 * Keeps the traces that at least one inclusive filter keeps (if there is one) and that every
 * exclusive filter keeps; tracemalloc.md sections 5 and 6. No filters: everything stays.
 */
void filter_traces(struct snapshot *snapshot, const struct filter *filters, size_t n);

/* The matcher of file names: tracemalloc's fnmatch, not fnmatch(3). Normalises both first. */
bool glob_match(const char *pattern, size_t pattern_size, const char *name, size_t name_size);
/* What is left of TEXT when normalised: "x.pyc" is taken as "x.py". */
size_t glob_normal_size(const char *text, size_t size);

#endif
