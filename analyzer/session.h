// SPDX-License-Identifier: MIT
/*
 * Sessions of one recording: a program may start and stop it, each time with another limit of
 * frames. What lives at a moment is always of one session, since a stop forgets everything.
 */
#ifndef ANALYZER_SESSION_H
#define ANALYZER_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session {
	bool stopped;	 /* nothing counts until the next start */
	bool partial;	 /* there may be blocks that the recording does not know (any more) */
	uint64_t nframe; /* most recent frames that count now; 0 = all */
	struct session_limit *limits;
	size_t n_limits, cap_limits;
};

/* The limit of the whole recording, as far as no start says another. */
void session_init(struct session *session, uint64_t nframe);
void session_release(struct session *session);

/* The recording begins, in the midst of the program's life, after so many events. */
void session_start(struct session *session, uint64_t nframe, uint64_t events);

/* What lived so far is forgotten. */
void session_clear(struct session *session, bool stop);

/* The limit that held when so many events had been. */
uint64_t session_limit(const struct session *session, uint64_t events);

#endif
