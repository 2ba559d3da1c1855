// SPDX-License-Identifier: MIT
/*
 * The parts of snapshot_save: what stands before the events.
 */
#ifndef ANALYZER_SNAPSHOT_SAVE_H
#define ANALYZER_SNAPSHOT_SAVE_H

#include "chunk_writer.h"
#include "snapshot_file.h"
#include "trace.h"

#define SAVE_FIRST_ADDRESS (1ull << 63) /* above all addresses of programs, so in no module */

struct save_stack {
	const uint32_t *addresses; /* numbers of made-up addresses, most recent first */
	size_t n;
};

struct save {
	struct snapshot *snapshot;
	const struct trace *source; /* NULL for an import */
	struct chunk_writer writer;
	uint64_t first_address;
	uint32_t serial;
	/* By stack number of the snapshot; only those with traces are filled in. */
	struct save_stack *stacks;
	size_t n_stacks;
	struct save_names *names;
};

/* A chunk of COUNT records, unless there are none; frees what PAYLOAD has. */
void save_payload(struct chunk_writer *writer, enum chunk_kind kind, size_t count,
		  struct payload *payload);
/* A record of a threads chunk. */
void save_put_thread(struct payload *payload, const struct trace_thread *thread);

/* The process, threads, modules, and what the source has that this version does not know. */
void save_metadata(struct save *save);
/* A chunk of the threads that none of SOURCE records: the journal, or only their events, has them. */
void save_threads(struct chunk_writer *writer, const struct trace *source);
/* What SOURCE has of its ancestors: modules, threads, names of domains. See trace_inherit. */
void save_inherited(struct chunk_writer *writer, const struct trace *source);
/* The modules alone, as of no moment of the process: only names are about them. */
void save_inherited_modules(struct chunk_writer *writer, const struct trace *source);
/* Numbers the frames and writes their names; fills in stacks. */
void save_names(struct save *save);
void save_release(struct save *save);

#endif
