// SPDX-License-Identifier: MIT
/*
 * One pass over chunks and blocks. What a kill tore and the journal still has is no fault.
 */
#include "faults.h"

#include <stdlib.h>

#include "block.h"
#include "damage.h"
#include "die.h"
#include "pieces.h"
#include "trace_private.h"

static struct fault *add(struct faults *faults, enum fault_kind kind)
{
	if (faults->n == faults->cap) {
		faults->cap = faults->cap * 2 + 8;
		faults->item = xreallocarray(faults->item, faults->cap, sizeof *faults->item);
	}
	struct fault *fault = &faults->item[faults->n++];

	*fault = (struct fault){.kind = kind};
	return fault;
}

/* Stretches that are no chunks count as some, as they were. */
static bool is_fault(const struct gap *gap)
{
	return !gap->zeros && !gap->covered;
}

/* From 1; 0 of what is not in the file. */
static size_t position_of(const struct reader *reader, size_t index)
{
	size_t position = index + 1;

	if (reader->chunks[index].journal)
		return 0;
	for (size_t i = 0; i < reader->n_gaps && reader->gaps[i].after <= index; i++)
		position += is_fault(&reader->gaps[i]);
	return position;
}

static void add_chunk(struct faults *faults, const struct reader *reader, size_t index,
		      enum fault_kind kind, uint64_t missing)
{
	const struct chunk *chunk = &reader->chunks[index];
	struct fault *fault = add(faults, kind);

	fault->position = position_of(reader, index);
	fault->offset = chunk->journal ? 0 : chunk->offset - TMZ_CHUNK_HEADER_SIZE;
	fault->size = chunk->stored;
	fault->chunk_kind = chunk->header.kind;
	fault->thread = chunk->header.thread;
	fault->serial = chunk->header.serial;
	fault->n = missing;
	fault->from_ns = damage_time_before(reader, index, chunk->header.thread);
	fault->to_ns = chunk->header.time_ns;
}

static void check_events(struct faults *faults, struct reader *reader, size_t index)
{
	const struct chunk *chunk = &reader->chunks[index];
	uint64_t count = chunk->header.count;
	size_t n;
	uint64_t *words = reader_words(reader, chunk, &n);

	if (!words) {
		add_chunk(faults, reader, index, FAULT_PAYLOAD, count);
		return;
	}
	struct block_sums sums =
		block_sum(words, n, chunk->header.flags & CHUNK_STAMPED, UINT64_MAX);

	free(words);
	faults->events += sums.events;
	if (chunk->bad)
		add_chunk(faults, reader, index, FAULT_BLOCK, 0);
	else if (sums.bad)
		add_chunk(faults, reader, index, FAULT_EVENTS,
			  count > sums.records ? count - sums.records : 0);
}

static void check_chunk(struct faults *faults, struct reader *reader, size_t index)
{
	const struct chunk *chunk = &reader->chunks[index];
	unsigned kind = chunk->header.kind;
	uint64_t count = kind == CHUNK_EVENTS ? chunk->header.count : 0;

	if (chunk->covered)
		return;
	if (chunk->damaged)
		add_chunk(faults, reader, index,
			  chunk->stored < chunk->header.stored_size ? FAULT_CUT
			  : reader_checksum(reader, chunk)	    ? FAULT_PAYLOAD
								    : FAULT_CHECKSUM,
			  count);
}

static void add_gap(struct faults *faults, const struct reader *reader, const struct gap *gap,
		    size_t position)
{
	struct fault *fault = add(faults, FAULT_NO_CHUNK);

	fault->position = position;
	fault->offset = gap->offset;
	fault->size = gap->size;
	fault->from_ns = damage_time_before(reader, gap->after, UINT32_MAX);
	fault->to_ns = damage_time_after(reader, gap->after);
}

static void check_file(struct faults *faults, struct trace *trace)
{
	struct reader *reader = &trace->inner->reader;
	size_t n = 0;

	for (size_t i = 0; i < trace->n_chunks; i++) {
		n += !reader->chunks[i].covered;
		check_chunk(faults, reader, i);
	}
	for (size_t i = 0; i < reader->n_gaps; i++) {
		struct gap *gap = &reader->gaps[i];

		if (!is_fault(gap))
			continue;
		n++;
		add_gap(faults, reader, gap,
			gap->after ? position_of(reader, gap->after - 1) + 1 : 1);
	}
	faults->n_chunks = n;
}

/* Each piece of a stream once, those of the journal behind the others. */
static void check_streams(struct faults *faults, struct trace *trace)
{
	struct reader *reader = &trace->inner->reader;
	size_t n;
	struct chunk **pieces = pieces_find(reader, &n);

	for (size_t i = 0; i < n; i++) {
		size_t index = (size_t)(pieces[i] - reader->chunks);

		faults->n_blocks += pieces[i]->journal && pieces[i]->header.count;
		check_events(faults, reader, index);
	}
	free(pieces);
}

static void check_missing(struct faults *faults, struct trace *trace)
{
	size_t n;
	struct piece_gap *gaps = pieces_missing(&trace->inner->reader, &n);

	for (size_t i = 0; i < n; i++) {
		struct fault *fault = add(faults, FAULT_MISSING);

		fault->chunk_kind = CHUNK_EVENTS;
		fault->thread = gaps[i].thread;
		fault->serial = gaps[i].serial;
		fault->n = gaps[i].n;
	}
	free(gaps);
}

/* As they stand in the file, then what is not there. */
static int compare(const void *left, const void *right)
{
	const struct fault *a = left, *b = right;

	if (a->position != b->position)
		return a->position - 1 < b->position - 1 ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->thread != b->thread)
		return a->thread < b->thread ? -1 : 1;
	return (a->serial > b->serial) - (a->serial < b->serial);
}

void faults_find(struct faults *faults, struct trace *trace)
{
	*faults = (struct faults){0};
	check_file(faults, trace);
	check_streams(faults, trace);
	check_missing(faults, trace);
	if (trace->inner->journal.bad_slots)
		add(faults, FAULT_SLOTS)->n = trace->inner->journal.bad_slots;
	if (faults->n)
		qsort(faults->item, faults->n, sizeof *faults->item, compare);
}

void faults_release(struct faults *faults)
{
	free(faults->item);
	*faults = (struct faults){0};
}
