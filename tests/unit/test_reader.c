// SPDX-License-Identifier: MIT
#include "analyzer/reader.h"

#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "tests/test.h"
#include "tests/unit/made_trace.h"

#define N_CHUNKS 6

/* Chunks of unknown kinds with payloads of their own; *ends: where each ends. */
static char *make_chunks(size_t *size, size_t ends[N_CHUNKS])
{
	struct made made;
	char *bytes;

	made_begin(&made);
	for (unsigned i = 0; i < N_CHUNKS; i++) {
		uint8_t payload[600];

		for (size_t j = 0; j < sizeof payload; j++)
			payload[j] = i % 2 ? (uint8_t)i : (uint8_t)hash_mix(i * 1000 + j);
		made_chunk(&made, 100 + i, payload, sizeof payload);
		made_bytes(&made, &ends[i]);
	}
	const char *all = made_bytes(&made, size);

	bytes = malloc(*size);
	memcpy(bytes, all, *size);
	made_release(&made);
	return bytes;
}

static void open_bytes(struct reader *reader, const char *bytes, size_t size)
{
	struct source source;

	source_open_bytes(&source, bytes, size);
	reader_open(reader, &source, TMZ_FILE_HEADER_SIZE);
}

/* Which of the chunks are whole, as bits; their payloads are checked. */
static unsigned whole(struct reader *reader)
{
	unsigned found = 0;

	for (size_t i = 0; i < reader->n_chunks; i++) {
		const struct chunk *chunk = &reader->chunks[i];
		unsigned number = chunk->header.kind - 100;
		size_t size;
		const uint8_t *payload = reader_payload(reader, chunk, &size);

		CHECK_EQ(!payload, chunk->damaged);
		if (!payload)
			continue;
		CHECK_EQ(size, 600);
		CHECK_EQ(payload[7], number % 2 ? number : (uint8_t)hash_mix(number * 1000 + 7));
		found |= 1u << number;
	}
	return found;
}

TEST(all_chunks_are_found_with_their_payloads)
{
	size_t size, ends[N_CHUNKS];
	char *bytes = make_chunks(&size, ends);
	struct reader reader;

	open_bytes(&reader, bytes, size);
	CHECK_EQ(whole(&reader), (1u << N_CHUNKS) - 1);
	CHECK_EQ(reader.n_gaps, 0);
	reader_close(&reader);
	reader_close(&reader);
	free(bytes);
}

TEST(a_damaged_byte_costs_only_the_chunk_it_is_in)
{
	size_t size, ends[N_CHUNKS];
	char *bytes = make_chunks(&size, ends);
	struct reader reader;

	for (size_t at = TMZ_FILE_HEADER_SIZE; at < size; at += 3) {
		unsigned hit = 0;

		while (ends[hit] <= at)
			hit++;
		bytes[at] ^= 0x10;
		open_bytes(&reader, bytes, size);
		CHECK_EQ(whole(&reader), ((1u << N_CHUNKS) - 1) & ~(1u << hit));
		reader_close(&reader);
		bytes[at] ^= 0x10;
	}
	free(bytes);
}

TEST(a_file_cut_at_any_byte_has_the_chunks_before)
{
	size_t size, ends[N_CHUNKS];
	char *bytes = make_chunks(&size, ends);
	struct reader reader;

	for (size_t cut = TMZ_FILE_HEADER_SIZE; cut <= size; cut++) {
		unsigned wanted = 0;

		for (unsigned i = 0; i < N_CHUNKS; i++)
			wanted |= ends[i] <= cut ? 1u << i : 0;
		open_bytes(&reader, bytes, cut);
		CHECK_EQ(whole(&reader), wanted);
		reader_close(&reader);
	}
	free(bytes);
}

TEST(bytes_that_are_missing_inside_are_skipped)
{
	size_t size, ends[N_CHUNKS];
	char *bytes = make_chunks(&size, ends);
	struct reader reader;

	/* The second chunk loses its end: the third stands where it claims to go on. */
	memmove(bytes + ends[1] - 20, bytes + ends[1], size - ends[1]);
	open_bytes(&reader, bytes, size - 20);
	CHECK_EQ(whole(&reader), ((1u << N_CHUNKS) - 1) & ~2u);
	reader_close(&reader);
	free(bytes);
}

TEST(a_hole_of_zeros_is_told_from_damage)
{
	size_t size, ends[N_CHUNKS];
	char *bytes = make_chunks(&size, ends);
	struct reader reader;

	memset(bytes + ends[0], 0, ends[1] - ends[0]);
	open_bytes(&reader, bytes, size);
	CHECK_EQ(whole(&reader), ((1u << N_CHUNKS) - 1) & ~2u);
	CHECK_EQ(reader.n_gaps, 1);
	CHECK(reader.gaps[0].zeros);
	CHECK_EQ(reader.gaps[0].after, 1);
	CHECK_EQ(reader.gaps[0].size, ends[1] - ends[0]);
	reader_close(&reader);
	free(bytes);
}

/* `gap` bytes that are none stand before the second chunk. */
static void check_far_header(const char *bytes, size_t size, size_t end, size_t gap)
{
	char *all = calloc(1, size + gap);
	struct reader reader;

	memcpy(all, bytes, end);
	memset(all + end, 0x54, gap); /* 'T', as in the magic */
	memcpy(all + end + gap, bytes + end, size - end);
	open_bytes(&reader, all, size + gap);
	CHECK_EQ(whole(&reader), (1u << N_CHUNKS) - 1);
	CHECK_EQ(reader.n_gaps, 1);
	CHECK_EQ(reader.gaps[0].size, gap);
	reader_close(&reader);
	free(all);
}

TEST(a_header_across_the_window_of_the_search_is_found)
{
	size_t size, ends[N_CHUNKS], window = 1u << 20;
	char *bytes = make_chunks(&size, ends);

	/* Also where the magic itself lies across its end, and behind it. */
	for (size_t gap = window - 12; gap < window + 4; gap++)
		check_far_header(bytes, size, ends[0], gap);
	check_far_header(bytes, size, ends[0], window - TMZ_CHUNK_HEADER_SIZE + 1);
	check_far_header(bytes, size, ends[0], 3 * window + 5);
	free(bytes);
}

TEST(a_raw_block_is_read_up_to_its_committed_words)
{
	struct made made;
	struct reader reader;
	size_t size, n;

	made_begin(&made);
	made_block(&made, 4, 9, false);
	made_alloc(&made, 0, 0x1000, 24, 1, (uint64_t[]){0x10});
	made_raw_block(&made, 50);
	const char *bytes = made_bytes(&made, &size);

	for (size_t cut = 0; cut <= size - TMZ_FILE_HEADER_SIZE - TMZ_CHUNK_HEADER_SIZE;
	     cut += 40) {
		open_bytes(&reader, bytes, size - cut);
		uint64_t *words = reader_words(&reader, &reader.chunks[0], &n);

		if (cut <= 400) {
			CHECK_EQ(n, 4);
			CHECK_EQ(reader.chunks[0].header.serial, 9);
			CHECK_EQ(reader.chunks[0].header.count, 1);
		}
		CHECK(n <= 4);
		CHECK_EQ(reader.chunks[0].bad, cut > 400 && cut <= 432);
		free(words);
		reader_close(&reader);
	}
	made_release(&made);
}
