// SPDX-License-Identifier: MIT
/*
 * Chunks, sorted.
 */
#include "pieces.h"

#include <stdlib.h>

#include "die.h"

static bool is_piece(const struct chunk *chunk)
{
	return chunk->header.kind == CHUNK_EVENTS ||
	       (chunk->header.kind == CHUNK_RAW_BLOCK && (chunk->n_words || chunk->bad));
}

/* Whole ones first, chunks before raw blocks, and those of the file before those of the journal. */
static int compare(const void *left, const void *right)
{
	const struct chunk *a = *(struct chunk *const *)left, *b = *(struct chunk *const *)right;

	if (a->header.thread != b->header.thread)
		return (a->header.thread > b->header.thread) -
		       (a->header.thread < b->header.thread);
	if (a->header.serial != b->header.serial)
		return (a->header.serial > b->header.serial) -
		       (a->header.serial < b->header.serial);
	if (a->damaged != b->damaged)
		return a->damaged ? 1 : -1;
	if (a->header.kind != b->header.kind)
		return a->header.kind == CHUNK_EVENTS ? -1 : 1;
	return (a > b) - (a < b);
}

static bool is_same(const struct chunk *a, const struct chunk *b)
{
	return a->header.thread == b->header.thread && a->header.serial == b->header.serial;
}

static struct chunk **sorted(struct reader *reader, bool damaged_too, size_t *n)
{
	struct chunk **pieces = xreallocarray(NULL, reader->n_chunks, sizeof *pieces);
	size_t found = 0, kept = 0;

	for (size_t i = 0; i < reader->n_chunks; i++)
		if (is_piece(&reader->chunks[i]) && (damaged_too || !reader->chunks[i].damaged))
			pieces[found++] = &reader->chunks[i];
	if (found)
		qsort(pieces, found, sizeof *pieces, compare);
	for (size_t i = 0; i < found; i++)
		if (!kept || !is_same(pieces[i], pieces[kept - 1]))
			pieces[kept++] = pieces[i];
	*n = kept;
	return pieces;
}

struct chunk **pieces_find(struct reader *reader, size_t *n)
{
	return sorted(reader, false, n);
}

struct piece_gap *pieces_missing(struct reader *reader, size_t *n)
{
	size_t n_pieces;
	struct chunk **pieces = sorted(reader, true, &n_pieces);
	struct piece_gap *gaps = xreallocarray(NULL, n_pieces, sizeof *gaps);

	*n = 0;
	for (size_t i = 0; i < n_pieces; i++) {
		const struct chunk_header *header = &pieces[i]->header;
		bool first = i == 0 || pieces[i - 1]->header.thread != header->thread;
		uint32_t expected = first ? 0 : pieces[i - 1]->header.serial + 1;

		if (header->serial > expected)
			gaps[(*n)++] = (struct piece_gap){header->thread, expected,
							  header->serial - expected};
	}
	free(pieces);
	return gaps;
}
