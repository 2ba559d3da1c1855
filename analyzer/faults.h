// SPDX-License-Identifier: MIT
/*
 * Everything that is wrong with a trace, piece by piece, for `tmtrace verify`.
 */
#ifndef ANALYZER_FAULTS_H
#define ANALYZER_FAULTS_H

#include "trace.h"

enum fault_kind {
	FAULT_CUT,	/* the file ends inside the chunk */
	FAULT_CHECKSUM, /* of the payload */
	FAULT_PAYLOAD,	/* the checksum holds, but it cannot be decompressed or decoded */
	FAULT_EVENTS,	/* from some event on, they do not hold together */
	FAULT_NO_CHUNK, /* bytes between chunks */
	FAULT_MISSING,	/* chunks of a stream, as later ones are there */
	FAULT_BLOCK,	/* of the journal, or a raw block */
	FAULT_SLOTS,	/* of the journal: no blocks */
};

struct fault {
	enum fault_kind kind;
	size_t position; /* of the chunk, from 1; 0 of what is not in the file */
	uint64_t offset, size;
	unsigned chunk_kind; /* enum chunk_kind */
	uint32_t thread, serial;
	uint64_t n; /* events that are missing, chunks of FAULT_MISSING, slots of FAULT_SLOTS */
	uint64_t from_ns, to_ns; /* between which times; to_ns 0: not known */
};

struct faults {
	struct fault *item;
	size_t n, cap;
	size_t n_chunks, n_blocks; /* that were looked at: of the file, of the journal */
	uint64_t events;	   /* that are there */
};

/* Reads all of the trace. */
void faults_find(struct faults *faults, struct trace *trace);
void faults_release(struct faults *faults);

#endif
