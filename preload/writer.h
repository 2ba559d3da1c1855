// SPDX-License-Identifier: MIT
/*
 * Chunks into the trace: payload, one zstd frame, header, one write at the end of the file.
 *
 * A write that fails for good switches the writer to discarding: what is lost from then on is
 * counted, and the counts are written if the file takes them later. All functions take the
 * writer's lock; none allocates, blocks for long or touches errno.
 */
#ifndef PRELOAD_WRITER_H
#define PRELOAD_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/format.h"
#include "epoch.h"

/* Raw events of one stream, from the first that is not in the trace yet. */
struct block {
	uint64_t *words;
	uint32_t n_words, capacity; /* in words */
	uint32_t serial;	    /* of the chunk that this block will become */
	uint32_t events;	    /* for the count of what is lost if it cannot be written */
	bool stamped;		    /* the stream was stamped before the first word */
};

/* Where bytes go: a file (trace_file.h) or, in tests, memory. */
struct sink {
	/* Writes all of it at `offset`; 0 or -errno, and then nothing of it counts as written. */
	int (*put)(void *arg, const void *bytes, size_t size, uint64_t offset);
	void *arg;
};

/* Starts a trace: file header and process chunk. 0 or -errno. */
int writer_start(const struct sink *sink, uint64_t identity, const uint8_t *process,
		 size_t process_size);

/* A forked child drops what its parent had begun. */
void writer_forked(void);

/* One chunk that is no block: modules, threads, resources, ... `count` records. */
void writer_chunk(enum chunk_kind kind, uint32_t count, const uint8_t *payload, size_t size);

/*
 * Writes a block as an events chunk of `thread` and empties it: serial + 1, no words. Encoding runs
 * on a stack of the writer's own, so that small thread stacks do.
 */
void writer_block(struct block *block, uint32_t thread);

/* The closing chunk, and the losses before it. Then the next chunk begins at a multiple of 8. */
void writer_close(struct closing *closing);

/*
 * Appends an empty raw block chunk of stream `thread` with room for `n_words` and returns where in
 * the file its payload is, or 0 if it cannot be.
 */
uint64_t writer_raw_block(uint32_t thread, uint32_t serial, bool stamped, uint32_t n_words);

/* Counts events that never got into a block. */
void writer_lost(enum loss_reason reason, uint64_t events);
uint64_t writer_lost_events(void);

/* Events and bytes written so far, for the one line at the end. */
uint64_t writer_written_events(void);

#endif
