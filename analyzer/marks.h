// SPDX-License-Identifier: MIT
/*
 * Waiting for a mark: the nth event with a mark of a name.
 */
#ifndef ANALYZER_MARKS_H
#define ANALYZER_MARKS_H

#include "moment.h"
#include "stream.h"

struct mark_watch {
	uint32_t *numbers; /* of the marks of that name, sorted */
	size_t n_numbers;
	uint64_t left; /* how many of them are still to come */
};

/*
 * Counts the marks in all STREAMS, so that the last one is known before it comes. Returns 0, or -1
 * with *message when there is no such mark.
 */
int marks_watch(struct mark_watch *watch, struct trace *trace, struct streams *streams,
		const struct moment *moment, char **message);
void marks_release(struct mark_watch *watch);

/* Told of each mark in turn; true when it is the one. */
bool marks_reached(struct mark_watch *watch, uint64_t number);

#endif
