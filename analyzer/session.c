// SPDX-License-Identifier: MIT
/*
 * Only changes of the limit are noted: a program may start and stop any number of times.
 */
#include "session.h"

#include <stdlib.h>

#include "die.h"

struct session_limit {
	uint64_t nframe, events; /* it holds for what comes after so many */
};

static void add_limit(struct session *session, uint64_t nframe, uint64_t events)
{
	if (session->n_limits == session->cap_limits) {
		session->cap_limits = session->cap_limits * 2 + 4;
		session->limits = xreallocarray(session->limits, session->cap_limits,
						sizeof *session->limits);
	}
	session->limits[session->n_limits++] = (struct session_limit){nframe, events};
	session->nframe = nframe;
}

void session_init(struct session *session, uint64_t nframe)
{
	*session = (struct session){0};
	add_limit(session, nframe, 0);
}

void session_release(struct session *session)
{
	free(session->limits);
	*session = (struct session){0};
}

void session_start(struct session *session, uint64_t nframe, uint64_t events)
{
	session->stopped = false;
	session->partial = true;
	if (nframe != session->nframe)
		add_limit(session, nframe, events);
}

void session_clear(struct session *session, bool stop)
{
	session->stopped = stop;
	session->partial = true;
}

uint64_t session_limit(const struct session *session, uint64_t events)
{
	size_t i = session->n_limits - 1;

	while (i > 0 && session->limits[i].events >= events)
		i--;
	return session->limits[i].nframe;
}
