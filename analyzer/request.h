// SPDX-License-Identifier: MIT
/*
 * One request to a running process, through its control area: asked, answered or taken back.
 */
#ifndef ANALYZER_REQUEST_H
#define ANALYZER_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "running.h"

struct request {
	enum control_command command;
	uint64_t argument;
	const char *name;  /* of a mark, up to CONTROL_NAME_MOST bytes; NULL otherwise */
	uint64_t until_ns; /* on CLOCK_MONOTONIC: then it is taken back */

	int result;	  /* when it is DONE: 0 or an errno */
	bool nothing_new; /* it was so already */
};

enum request_end {
	REQUEST_DONE,
	REQUEST_TAKEN_BACK,  /* nobody looked: it never happens */
	REQUEST_INTERRUPTED, /* by a signal to us: likewise */
	REQUEST_UNFINISHED,  /* a thread has begun to and not ended yet: it may still happen */
	REQUEST_BUSY,	     /* somebody else asks all the time */
	REQUEST_GONE,	     /* the process has ended */
	REQUEST_MOVED, /* nothing was asked: there is another control area, or none any more */
};

enum request_end request_make(struct request *request, const struct running *running);

/* CLOCK_MONOTONIC */
uint64_t request_now(void);

#endif
