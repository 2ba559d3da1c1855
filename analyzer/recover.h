// SPDX-License-Identifier: MIT
/*
 * Everything readable of a trace and its journal as one clean trace.
 */
#ifndef ANALYZER_RECOVER_H
#define ANALYZER_RECOVER_H

#include <stdio.h>

#include "chunk_writer.h"
#include "trace.h"

/*
 * Writes TRACE to OUT: whole chunks as they are, blocks of the journal as chunks, a losses chunk
 * for what is missing, and a closing chunk. It replays as TRACE does and has nothing to complain
 * about. Chunks that turn out to be no events are added to trace->warning. False if nothing at all
 * is readable; nothing of use has been written then. Errors of OUT stick to it.
 */
bool recover(struct trace *trace, FILE *out);

/* Names chunks in place of those that the trace has. */
struct recover_names {
	/* Called for the raw words of every piece that counts, once, in no order of time. */
	void (*visit)(void *arg, const uint64_t *words, size_t n, bool stamped);
	/* Called once after that, with everything but the losses and the closing chunk written. */
	void (*write)(void *arg, struct chunk_writer *writer);
	void *arg;
};

/* The same with other names; NAMES may be NULL. */
bool recover_with_names(struct trace *trace, FILE *out, const struct recover_names *names);

#endif
