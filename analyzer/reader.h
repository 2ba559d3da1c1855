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

#include "common/format.h"
#include "source.h"

struct chunk {
	struct chunk_header header;
	uint64_t offset; /* of the payload */
	uint64_t stored; /* bytes of the payload that are in the file */
	bool damaged;	 /* the payload is cut off or not what the checksum is of */
	bool reported;	 /* as holding no valid events although the checksum holds */
	bool covered;	 /* damaged, but nothing of it is missing: see fold.h */
	bool journal;	 /* a block of the journal, no chunk of the file */
	bool bad;	 /* a raw block or one of the journal goes on with what is no event */
	uint64_t *words; /* of a raw block and what fold.h makes; NULL: decoded when needed */
	size_t n_words;
};

/* Bytes between chunks that are none; `after` chunks stand before them. */
struct gap {
	uint64_t offset, size;
	size_t after;
	bool zeros;   /* reserved by the recorder, never written */
	bool covered; /* a header that a kill cut off; what it was of is not missing */
};

struct reader {
	struct source source;
	bool second;	      /* the source is another reader's */
	struct chunk *chunks; /* in the order of the file */
	size_t n_chunks, cap_chunks;
	struct gap *gaps;
	size_t n_gaps, cap_gaps;
	struct ZSTD_DCtx_s *zstd;
	uint8_t *stored, *raw, *decoded; /* buffers, as large as was needed so far */
	size_t stored_cap, raw_cap, decoded_cap;
};

/*
 * Takes SOURCE over and finds all chunks from OFFSET on, checking every checksum. Raw blocks, which
 * a program may be writing to, are copied once: serial, flags, count and stamps of their headers
 * are those of the copy.
 */
void reader_open(struct reader *reader, struct source *source, uint64_t offset);
void reader_close(struct reader *reader);

/* A second reader of the same source, for another thread; it has no chunks and is closed first. */
void reader_open_second(struct reader *second, const struct reader *first);

/* The payload, decompressed; borrowed until the next call. NULL when it is damaged. */
const uint8_t *reader_payload(struct reader *reader, const struct chunk *chunk, size_t *size);

/* The payload as it is in the file; borrowed until the next call. NULL when damaged. */
const uint8_t *reader_stored(struct reader *reader, const struct chunk *chunk);

/* Whether the payload is all there and what its checksum is of. */
bool reader_checksum(struct reader *reader, const struct chunk *chunk);

/* The raw words of an events chunk or a raw block, for the caller to free; NULL when damaged. */
uint64_t *reader_words(struct reader *reader, const struct chunk *chunk, size_t *n);

/*
 * Puts a chunk that is in no file behind the others, with its words, which are taken over. Pointers
 * to chunks are no longer valid.
 */
void reader_add(struct reader *reader, const struct chunk *chunk);

#endif
