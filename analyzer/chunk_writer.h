// SPDX-License-Identifier: MIT
/*
 * Chunks to a file. Errors stick to the stream: check ferror at the end.
 */
#ifndef ANALYZER_CHUNK_WRITER_H
#define ANALYZER_CHUNK_WRITER_H

#include <stdio.h>

#include "common/bytes.h"
#include "common/format.h"

struct chunk_writer {
	FILE *out;
	uint8_t *packed;
	size_t packed_cap;
};

/* Writes the file header, with the identity 0: of no process. */
void chunk_writer_init(struct chunk_writer *writer, FILE *out);
/* The same of the trace of a process. */
void chunk_writer_init_as(struct chunk_writer *writer, FILE *out, uint64_t identity);
void chunk_writer_release(struct chunk_writer *writer);

/*
 * Writes one chunk; sizes, checksum and CHUNK_STORED are filled in, the rest of HEADER is the
 * caller's.
 */
void chunk_write(struct chunk_writer *writer, struct chunk_header header, const uint8_t *payload,
		 size_t size);

/* Writes a chunk whose payload STORED has all that HEADER says of it. */
void chunk_copy(struct chunk_writer *writer, const struct chunk_header *header,
		const uint8_t *stored);
/*
 * Encodes raw words to an events chunk; count and stamps are filled in. False, and nothing is
 * written, if they are no valid events.
 */
bool chunk_write_block(struct chunk_writer *writer, struct chunk_header header,
		       const uint64_t *words, size_t n);

/*
 * A payload that grows: room_for(p, n) makes a put cursor of at least n bytes, then grown(p, &put)
 * takes it.
 */
struct payload {
	uint8_t *bytes;
	size_t size, cap;
};

struct put payload_room(struct payload *payload, size_t size);
void payload_grown(struct payload *payload, const struct put *put);
void payload_varint(struct payload *payload, uint64_t value);
void payload_string(struct payload *payload, const char *text, size_t size);

#endif
