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

#include "common/journal.h"
#include "epoch.h"

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

/*
 * One chunk that is no block: modules, threads, resources, ... `count` records; false if it could
 * not be written. That of a piece of a perf map changes nothing else.
 */
bool writer_chunk(enum chunk_kind kind, uint32_t count, const uint8_t *payload, size_t size);

/*
 * Writes a block as an events chunk of its stream; false if its events now count as lost. Encoding
 * runs on a stack of the writer's own, so that small thread stacks do. The block stays as it is:
 * see block_next.
 */
bool writer_block(const struct journal_slot *slot);

/* Events of a block that are about blocks of memory: what is lost if it cannot be written. */
uint32_t writer_count(const struct journal_slot *slot);

/* The closing chunk, and the losses before it. Then the next chunk begins at a multiple of 8. */
void writer_close(struct closing *closing);

/*
 * Appends a raw block chunk of the late stream with room for `n_words`, all zeros, and returns where
 * in the file its payload is, or 0 if it cannot be.
 */
uint64_t writer_raw_block(uint32_t n_words);

/* Counts events that never got into a block. */
void writer_lost(enum loss_reason reason, uint64_t events);
uint64_t writer_lost_events(void);

/* Whether the trace does not tell of all of them: only the journal does. */
bool writer_has_untold(void);

/* Events and bytes written so far, for the one line at the end. */
uint64_t writer_written_events(void);

#endif
