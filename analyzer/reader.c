// SPDX-License-Identifier: MIT
/*
 * Finding chunks, and their payloads.
 */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "common/codec.h"
#include "common/hash.h"
#include "common/journal.h"
#include "die.h"
#include "pack.h"

#define WINDOW (1u << 20) /* bytes looked at at once in the search for a header */

static uint8_t *room(uint8_t **buffer, size_t *cap, size_t size)
{
	if (size > *cap || !*buffer) {
		free(*buffer);
		*buffer = xmalloc(size);
		*cap = size;
	}
	return *buffer;
}

static bool header_at(struct reader *reader, uint64_t offset, struct chunk_header *header)
{
	uint8_t bytes[TMZ_CHUNK_HEADER_SIZE];

	return source_read(&reader->source, offset, bytes, sizeof bytes) == sizeof bytes &&
	       chunk_header_get(bytes, header);
}

/*
 * The first valid header at or after OFFSET, or the end of the file; *zeros: nothing else before
 * it.
 */
static uint64_t find_header(struct reader *reader, uint64_t offset, bool *zeros)
{
	static const uint8_t magic[4] = {TMZ_CHUNK_MAGIC & 0xff, TMZ_CHUNK_MAGIC >> 8 & 0xff,
					 TMZ_CHUNK_MAGIC >> 16 & 0xff, TMZ_CHUNK_MAGIC >> 24};
	uint8_t *window = room(&reader->stored, &reader->stored_cap, WINDOW);
	struct chunk_header header;

	*zeros = true;
	for (;;) {
		size_t n = source_read(&reader->source, offset, window, WINDOW), skipped = n;
		const uint8_t *at = window;

		while ((at = memmem(at, n - (size_t)(at - window), magic, sizeof magic))) {
			skipped = (size_t)(at - window);
			if (header_at(reader, offset + skipped, &header))
				break;
			skipped = n;
			at++;
		}
		for (size_t i = 0; i < skipped && *zeros; i++)
			*zeros = window[i] == 0;
		if (at)
			return offset + skipped;
		if (n < WINDOW)
			return reader->source.size;
		offset += n - (sizeof magic - 1);
	}
}

static void add_gap(struct reader *reader, uint64_t from, uint64_t to, bool zeros)
{
	if (from == to)
		return;
	if (reader->n_gaps == reader->cap_gaps) {
		reader->cap_gaps = reader->cap_gaps * 2 + 8;
		reader->gaps = xreallocarray(reader->gaps, reader->cap_gaps, sizeof *reader->gaps);
	}
	reader->gaps[reader->n_gaps++] = (struct gap){
		.offset = from, .size = to - from, .after = reader->n_chunks, .zeros = zeros};
}

void reader_add(struct reader *reader, const struct chunk *chunk)
{
	if (reader->n_chunks == reader->cap_chunks) {
		reader->cap_chunks = reader->cap_chunks * 2 + 32;
		reader->chunks =
			xreallocarray(reader->chunks, reader->cap_chunks, sizeof *reader->chunks);
	}
	reader->chunks[reader->n_chunks++] = *chunk;
}

bool reader_checksum(struct reader *reader, const struct chunk *chunk)
{
	uint8_t *bytes;

	if (chunk->stored < chunk->header.stored_size)
		return false;
	bytes = room(&reader->stored, &reader->stored_cap, chunk->stored);
	return source_read(&reader->source, chunk->offset, bytes, chunk->stored) == chunk->stored &&
	       hash_checksum(bytes, chunk->stored) == chunk->header.checksum;
}

/*
 * Where the search goes on after a chunk. A damaged one may be torn, so that others stand inside
 * the bytes it claims; but if its end is where one would be, only the payload was hit.
 */
static uint64_t after_chunk(struct reader *reader, const struct chunk *chunk)
{
	uint64_t end = chunk->offset + chunk->header.stored_size;
	struct chunk_header header;

	if (!chunk->damaged || end == reader->source.size || header_at(reader, end, &header))
		return end < reader->source.size ? end : reader->source.size;
	bool zeros;
	uint64_t next = find_header(reader, chunk->offset, &zeros);

	return next < end && next < reader->source.size ? next
	       : end < reader->source.size		? end
							: reader->source.size;
}

/* Only words that are events are kept, so that a file full of holes costs nothing. */
static void load_block(struct reader *reader, struct chunk *chunk)
{
	struct chunk_header *header = &chunk->header;
	struct journal_slot slot = {0};
	uint64_t room_left = chunk->stored / sizeof *slot.words,
		 head = sizeof slot / sizeof *slot.words;

	if (room_left >= head)
		source_read(&reader->source, chunk->offset, &slot, sizeof slot);
	size_t n = block_word_count(slot.committed);

	chunk->bad = n > TMZ_BLOCK_WORDS_MAX;
	n = n < TMZ_BLOCK_WORDS_MAX ? n : TMZ_BLOCK_WORDS_MAX;
	if (n && n > room_left - head) {
		n = (size_t)(room_left - head);
		chunk->bad = true;
	}
	header->serial = block_word_serial(slot.committed);
	header->flags &= (uint8_t)~CHUNK_STAMPED;
	header->flags |= block_word_stamped(slot.committed) ? CHUNK_STAMPED : 0;
	uint64_t *words = xreallocarray(NULL, n, sizeof *words);
	size_t got = source_read(&reader->source, chunk->offset + sizeof slot, words,
				 n * sizeof *words) /
		     sizeof *words;
	struct block_sums sums = block_sum(words, got, header->flags & CHUNK_STAMPED, UINT64_MAX);

	header->count = sums.records;
	header->first_stamp = sums.first_stamp;
	header->last_stamp = sums.last_stamp;
	chunk->bad |= sums.bad || got < n;
	chunk->n_words = sums.n_words;
	chunk->words = xreallocarray(words, sums.n_words, sizeof *words);
}

void reader_open(struct reader *reader, struct source *source, uint64_t offset)
{
	*reader = (struct reader){.source = *source};
	source->bytes = NULL;
	source->fd = -1;
	while (offset < reader->source.size) {
		struct chunk chunk = {.offset = offset + TMZ_CHUNK_HEADER_SIZE};

		if (!header_at(reader, offset, &chunk.header)) {
			bool zeros;
			uint64_t next = find_header(reader, offset, &zeros);

			add_gap(reader, offset, next, zeros);
			offset = next;
			continue;
		}
		uint64_t left = reader->source.size - chunk.offset;

		chunk.stored = chunk.header.stored_size < left ? chunk.header.stored_size : left;
		if (chunk.header.kind == CHUNK_RAW_BLOCK)
			load_block(reader, &chunk);
		else
			chunk.damaged = !reader_checksum(reader, &chunk);
		reader_add(reader, &chunk);
		offset = after_chunk(reader, &chunk);
	}
}

void reader_open_second(struct reader *second, const struct reader *first)
{
	*second = (struct reader){.source = first->source, .second = true};
}

void reader_close(struct reader *reader)
{
	if (!reader->second)
		source_close(&reader->source);
	unpack_release(&reader->zstd);
	for (size_t i = 0; i < reader->n_chunks; i++)
		free(reader->chunks[i].words);
	free(reader->chunks);
	free(reader->gaps);
	free(reader->stored);
	free(reader->raw);
	free(reader->decoded);
	*reader = (struct reader){.source.fd = -1};
}

const uint8_t *reader_stored(struct reader *reader, const struct chunk *chunk)
{
	uint8_t *stored;

	if (chunk->damaged)
		return NULL;
	stored = room(&reader->stored, &reader->stored_cap, chunk->stored);
	return source_read(&reader->source, chunk->offset, stored, chunk->stored) == chunk->stored
		       ? stored
		       : NULL;
}

const uint8_t *reader_payload(struct reader *reader, const struct chunk *chunk, size_t *size)
{
	const uint8_t *stored = reader_stored(reader, chunk);

	*size = chunk->header.raw_size;
	if (!stored)
		return NULL;
	if (chunk->header.flags & CHUNK_STORED)
		return chunk->header.raw_size == chunk->stored ? stored : NULL;
	uint8_t *raw = room(&reader->raw, &reader->raw_cap, *size);

	return unpack(&reader->zstd, stored, chunk->stored, raw, *size) ? raw : NULL;
}

uint64_t *reader_words(struct reader *reader, const struct chunk *chunk, size_t *n)
{
	size_t size;
	const uint8_t *payload;
	uint64_t *words;

	*n = 0;
	if (chunk->words) {
		words = xreallocarray(NULL, chunk->n_words, sizeof *words);
		if (chunk->n_words)
			memcpy(words, chunk->words, chunk->n_words * sizeof *words);
		*n = chunk->n_words;
		return words;
	}
	payload = reader_payload(reader, chunk, &size);
	if (!payload)
		return NULL;
	bool stamped = chunk->header.flags & CHUNK_STAMPED;
	struct codec_counts counts;
	struct codec_chunk decoded;

	if (!codec_counts(payload, size, &counts))
		return NULL;
	void *memory = room(&reader->decoded, &reader->decoded_cap, codec_decode_size(&counts));

	words = NULL;
	if (codec_decode(payload, size, stamped, memory, &decoded)) {
		*n = counts.words;
		words = xreallocarray(NULL, *n, sizeof *words);
		codec_words(&decoded, stamped, words);
	}
	return words;
}
