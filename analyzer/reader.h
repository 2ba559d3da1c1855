// SPDX-License-Identifier: MIT
/*
 * Chunks of a trace: where they are, whether they are whole, and what is in them once decompressed.
 *
 * Knows the container, not what the records mean. Damage costs the chunk it is in:
 * what is no chunk is skipped up to the next valid header.
 */
#ifndef ANALYZER_READER_H
#define ANALYZER_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/journal.h"
#include "source.h"

struct chunk {
	struct chunk_header header;
	uint64_t offset; /* of the payload */
	uint64_t stored; /* bytes of the payload that are in the file */
	bool damaged;	 /* the payload is cut off or not what the checksum is of */
	bool reported;	 /* as holding no valid events although the checksum holds */
};

/* Bytes between chunks that are none; `after` chunks stand before them. */
struct gap {
	uint64_t offset, size;
	size_t after;
	bool zeros; /* reserved by the recorder, never written */
};

struct reader {
	struct source source;
	struct chunk *chunks; /* in the order of the file */
	size_t n_chunks, cap_chunks;
	struct gap *gaps;
	size_t n_gaps, cap_gaps;
	struct ZSTD_DCtx_s *zstd;
	uint8_t *stored, *raw; /* buffers, as large as the largest payload so far */
	size_t stored_cap, raw_cap;
};

/* Takes SOURCE over and finds all chunks from OFFSET on, checking every checksum. */
void reader_open(struct reader *reader, struct source *source, uint64_t offset);
void reader_close(struct reader *reader);

/* The payload, decompressed; borrowed until the next call. NULL when it is damaged. */
const uint8_t *reader_payload(struct reader *reader, const struct chunk *chunk, size_t *size);

/*
 * The raw words of an events chunk or a raw block, for the caller to free; NULL when damaged. A raw
 * block's serial is in its payload: see reader_block.
 */
uint64_t *reader_words(struct reader *reader, const struct chunk *chunk, size_t *n);

/* Of a raw block: its word, see block_word, with no more words than the chunk has room for. */
uint64_t reader_block(struct reader *reader, const struct chunk *chunk);
/* Whether the stream is stamped before the first event of the chunk. */
bool reader_stamped(struct reader *reader, const struct chunk *chunk);

#endif
