// SPDX-License-Identifier: MIT
/*
 * Blocks of the journal to chunks, torn chunks to blocks of the journal.
 *
 * The recorder writes a block as a chunk and only then goes on in its slot. So a block is either a
 * chunk already, and then ignored, or it counts, and a part of a chunk that may be there does not.
 */
#include "fold.h"

#include <stdlib.h>

#include "die.h"
#include "ending.h"

struct keys {
	uint64_t *item; /* of the events chunks that are whole: thread, serial */
	size_t n;
};

static uint64_t key_of(const struct chunk_header *header)
{
	return (uint64_t)header->thread << 32 | header->serial;
}

static int compare_keys(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static void keys_find(struct keys *keys, const struct reader *reader)
{
	*keys = (struct keys){xreallocarray(NULL, reader->n_chunks, sizeof *keys->item), 0};
	for (size_t i = 0; i < reader->n_chunks; i++)
		if (reader->chunks[i].header.kind == CHUNK_EVENTS && !reader->chunks[i].damaged)
			keys->item[keys->n++] = key_of(&reader->chunks[i].header);
	qsort(keys->item, keys->n, sizeof *keys->item, compare_keys);
}

static bool keys_have(const struct keys *keys, uint64_t key)
{
	return bsearch(&key, keys->item, keys->n, sizeof *keys->item, compare_keys);
}

/* The words go over to the reader. */
static void add_block(struct reader *reader, struct journal_block *block)
{
	struct chunk chunk = {
		.header =
			{
				.kind = CHUNK_EVENTS,
				.flags = block->stamped ? CHUNK_STAMPED : 0,
				.thread = block->thread,
				.serial = block->serial,
				.count = block->sums.records,
				.first_stamp = block->sums.first_stamp,
				.last_stamp = block->sums.last_stamp,
				.time_ns = block->sums.time_ns,
			},
		.journal = true,
		.bad = block->bad,
		.words = block->words,
		.n_words = block->sums.n_words,
	};

	reader_add(reader, &chunk);
	block->words = NULL;
}

/*
 * Whether the last chunk of the file is one that was being written at the kill. If it is not of
 * events, whose call had not returned, nothing needed it yet.
 */
static bool is_unfinished(const struct trace *trace, const struct chunk *chunk)
{
	return chunk->stored < chunk->header.stored_size &&
	       (chunk->header.kind != CHUNK_EVENTS || trace->ending == ENDING_RUNNING);
}

static void cover(struct trace *trace)
{
	struct reader *reader = &trace->inner->reader;
	struct keys keys;

	keys_find(&keys, reader);
	for (size_t i = 0; i < trace->n_chunks; i++) {
		struct chunk *chunk = &reader->chunks[i];

		if (!chunk->damaged)
			continue;
		chunk->covered = (chunk->header.kind == CHUNK_EVENTS &&
				  keys_have(&keys, key_of(&chunk->header))) ||
				 (trace->journal && is_unfinished(trace, chunk));
	}
	for (size_t i = 0; i < reader->n_gaps && trace->journal; i++) {
		struct gap *gap = &reader->gaps[i];

		gap->covered = gap->offset + gap->size == reader->source.size &&
			       gap->size < TMZ_CHUNK_HEADER_SIZE;
	}
	free(keys.item);
}

static void cut_chunk(struct reader *reader, struct chunk *chunk, uint64_t stamp)
{
	size_t n;
	uint64_t *words = reader_words(reader, chunk, &n);

	if (!words)
		return;
	struct block_sums sums = block_sum(words, n, chunk->header.flags & CHUNK_STAMPED, stamp);

	free(chunk->words);
	chunk->words = words;
	chunk->n_words = sums.n_words;
	chunk->header.count = sums.records;
	chunk->header.last_stamp = sums.last_stamp;
}

/* No event after STAMP counts. */
static void cut(struct reader *reader, uint64_t stamp)
{
	for (size_t i = 0; i < reader->n_chunks; i++) {
		struct chunk *chunk = &reader->chunks[i];

		if ((chunk->header.kind == CHUNK_EVENTS || chunk->header.kind == CHUNK_RAW_BLOCK) &&
		    !chunk->damaged && chunk->header.last_stamp > stamp)
			cut_chunk(reader, chunk, stamp);
	}
}

void fold_journal(struct trace *trace)
{
	struct trace_private *inner = trace->inner;
	struct journal_file *journal = &inner->journal;
	struct keys keys;

	trace->journal = journal->found;
	trace->ending = ending_find(trace);
	keys_find(&keys, &inner->reader);
	for (size_t i = 0; i < journal->n; i++)
		if (!keys_have(&keys, (uint64_t)journal->blocks[i].thread << 32 |
					      journal->blocks[i].serial))
			add_block(&inner->reader, &journal->blocks[i]);
	free(keys.item);
	cover(trace);
	/* The clock of a machine that slept may have gone back: only what still moves is cut. */
	if (journal->found && trace->ending == ENDING_RUNNING && inner->clock == CLOCK_TSC &&
	    ending_is_here(trace))
		cut(&inner->reader, journal->stamp);
}
