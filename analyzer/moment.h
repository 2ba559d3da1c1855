// SPDX-License-Identifier: MIT
/*
 * A moment of a recording, as written after the '@' of a trace argument.
 */
#ifndef ANALYZER_MOMENT_H
#define ANALYZER_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum moment_kind { MOMENT_END, MOMENT_START, MOMENT_PEAK, MOMENT_TIME, MOMENT_EVENT, MOMENT_MARK };

struct moment {
	enum moment_kind kind;
	uint64_t time_ns; /* MOMENT_TIME: since recording began */
	uint64_t event;	  /* MOMENT_EVENT: after that many events */
	const char *mark; /* MOMENT_MARK: name, borrowed, mark_size bytes */
	size_t mark_size;
	unsigned mark_nth; /* 1 = the first of that name, 0 = the last */
	const char *text;  /* as the user wrote it, without '@': "end", "peak", "12.5s" */
};

/* Parses TEXT (without '@'), which must outlive the moment; false if it names no moment. */
bool moment_parse(const char *text, struct moment *moment);

#endif
