// SPDX-License-Identifier: MIT
/*
 * One line on a terminal's stderr for what takes longer than a second, erased when done.
 */
#ifndef ANALYZER_PROGRESS_H
#define ANALYZER_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool wanted, shown;
	uint64_t begin_ns, last_ns;
};

void progress_begin(struct progress *progress);
/* "replaying 62 %, 41 M events/s"; the form of replay()'s callback, ARG a struct progress. */
void progress_show(void *arg, uint64_t events, double share);
/* Any TEXT, of less than 80 columns, at the same intervals. */
void progress_text(struct progress *progress, const char *text);
void progress_end(struct progress *progress);

#endif
