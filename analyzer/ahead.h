// SPDX-License-Identifier: MIT
/*
 * Chunks are decoded one ahead of the replay, by a second thread, where there is a second core.
 *
 * The thread begins with the first chunk that is asked for. It knows nothing but the chunk and the
 * place where its events go; what comes of them is the replay's alone.
 */
#ifndef ANALYZER_AHEAD_H
#define ANALYZER_AHEAD_H

#include "decoded.h"

struct ahead;

/* One chunk at a time, a part of the stream that it is of. Zeroed: nothing was asked for. */
struct ahead_job {
	const struct chunk *chunk; /* asked for and not taken yet; NULL: none */
	struct decoded decoded;
	bool done, loaded; /* loaded: what decoded_load said */
	struct ahead_job *next;
};

/* NULL where one core is all there is. READER must not be closed before. */
struct ahead *ahead_new(const struct reader *reader);
/* Waits for what is being decoded. Jobs are left as they are: see ahead_forget. */
void ahead_free(struct ahead *ahead);

/* Asks for a chunk; the job must not be asked for one already. */
void ahead_ask(struct ahead *ahead, struct ahead_job *job, const struct chunk *chunk);

/*
 * Waits for the chunk that was asked for and swaps it with DECODED, whose memory serves the next
 * one. False: it is damaged.
 */
bool ahead_take(struct ahead *ahead, struct ahead_job *job, struct decoded *decoded);

/* Releases the memory of a job; not before ahead_free. */
void ahead_forget(struct ahead_job *job);

#endif
