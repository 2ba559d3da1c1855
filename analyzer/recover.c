// SPDX-License-Identifier: MIT
/*
 * Events chunks are numbered anew, as there are to be no gaps. Only blocks, and chunks of which a
 * part counts, are encoded; the rest is copied.
 */
#include "recover.h"

#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "chunk_writer.h"
#include "damage.h"
#include "die.h"
#include "faults.h"
#include "perf_map_file.h"
#include "pieces.h"
#include "snapshot_save.h"
#include "trace_private.h"

/* What becomes of a chunk of the reader. */
struct part {
	bool kept;
	size_t n_words; /* that count, when only a part of them does; 0: copied as it is */
	uint32_t serial;
};

struct recovery {
	struct trace *trace;
	struct chunk_writer writer;
	struct part *parts; /* by index in the chunks of the reader */
	struct closing closing;
	size_t n_written;
	const struct recover_names *names; /* NULL: those of the trace are copied */
};

/* Which events of a piece count; false: none. */
static bool judge(struct recovery *recovery, struct chunk *chunk, struct part *part)
{
	struct reader *reader = &recovery->trace->inner->reader;
	size_t n;
	uint64_t *words = reader_words(reader, chunk, &n);
	struct block_sums sums =
		block_sum(words, words ? n : 0, chunk->header.flags & CHUNK_STAMPED, UINT64_MAX);

	if (recovery->names && sums.n_words)
		recovery->names->visit(recovery->names->arg, words, sums.n_words,
				       chunk->header.flags & CHUNK_STAMPED);
	free(words);
	if (!words || sums.bad)
		damage_add(recovery->trace, chunk);
	recovery->closing.allocations += sums.allocations;
	recovery->closing.frees += sums.frees;
	recovery->closing.allocated_bytes += sums.size;
	if (chunk->words || sums.bad)
		part->n_words = sums.n_words;
	return sums.n_words > 0;
}

static void number_pieces(struct recovery *recovery)
{
	struct reader *reader = &recovery->trace->inner->reader;
	size_t n;
	struct chunk **pieces = pieces_find(reader, &n);
	uint32_t serial = 0;

	for (size_t i = 0; i < n; i++) {
		struct part *part = &recovery->parts[pieces[i] - reader->chunks];

		if (i && pieces[i]->header.thread != pieces[i - 1]->header.thread)
			serial = 0;
		part->kept = judge(recovery, pieces[i], part);
		part->serial = serial;
		serial += part->kept;
	}
	free(pieces);
}

static void write_part(struct recovery *recovery, const struct chunk *chunk,
		       const struct part *part)
{
	struct reader *reader = &recovery->trace->inner->reader;
	struct chunk_header header = chunk->header;
	size_t n;

	header.serial = part->serial;
	if (part->n_words) {
		uint64_t *words = reader_words(reader, chunk, &n);

		recovery->n_written +=
			words && chunk_write_block(&recovery->writer, header, words, part->n_words);
		free(words);
		return;
	}
	const uint8_t *stored = reader_stored(reader, chunk);

	if (!stored)
		return;
	chunk_copy(&recovery->writer, &header, stored);
	recovery->n_written++;
}

static bool is_written(const struct recovery *recovery, const struct chunk *chunk,
		       const struct part *part)
{
	unsigned kind = chunk->header.kind;

	if (kind == CHUNK_EVENTS || kind == CHUNK_RAW_BLOCK)
		return part->kept;
	if (kind == CHUNK_NAMES && recovery->names)
		return false;
	if (kind == CHUNK_PERF_MAP && recovery->trace->inner->perf_map.loaded)
		return false; /* the beginning of what perf_map_save writes */
	return kind != CHUNK_CLOSING && !chunk->damaged;
}

static void write_chunks(struct recovery *recovery)
{
	const struct reader *reader = &recovery->trace->inner->reader;

	for (size_t i = 0; i < reader->n_chunks; i++) {
		struct part part = recovery->parts[i];

		if (!is_written(recovery, &reader->chunks[i], &part))
			continue;
		if (reader->chunks[i].header.kind != CHUNK_EVENTS &&
		    reader->chunks[i].header.kind != CHUNK_RAW_BLOCK)
			part.serial = reader->chunks[i].header.serial;
		write_part(recovery, &reader->chunks[i], &part);
	}
}

static void write_payload(struct recovery *recovery, enum chunk_kind kind, uint32_t count,
			  struct payload *payload)
{
	if (count)
		chunk_write(&recovery->writer,
			    (struct chunk_header){.kind = (uint8_t)kind,
						  .count = count,
						  .time_ns = recovery->trace->duration_ns},
			    payload->bytes, payload->size);
	free(payload->bytes);
}

static void put_loss(struct payload *payload, uint32_t thread, uint64_t reason, uint64_t events)
{
	payload_varint(payload, thread);
	payload_varint(payload, reason);
	payload_varint(payload, events);
	payload_varint(payload, 0);
}

/* Whether events are missing that no fault counts. */
static bool has_unknown_loss(const struct trace *trace, const struct faults *faults)
{
	for (size_t i = 0; i < faults->n; i++) {
		const struct fault *fault = &faults->item[i];

		if (fault->kind == FAULT_NO_CHUNK || fault->kind == FAULT_MISSING ||
		    fault->kind == FAULT_BLOCK || fault->kind == FAULT_SLOTS)
			return true;
	}
	return trace->inner->journal.problem ||
	       (!trace->inner->closed && (!trace->journal || trace->inner->unsafe));
}

static void write_losses(struct recovery *recovery)
{
	struct trace *trace = recovery->trace;
	struct payload payload = {0};
	struct faults faults;
	uint32_t count = 0;

	for (unsigned reason = 0; reason < LOSS_REASON_END; reason++) {
		if (!trace->inner->journal.lost[reason])
			continue;
		put_loss(&payload, 0, reason, trace->inner->journal.lost[reason]);
		count++;
	}
	faults_find(&faults, trace);
	for (size_t i = 0; i < faults.n; i++) {
		const struct fault *fault = &faults.item[i];

		if (fault->kind > FAULT_EVENTS || !fault->n)
			continue;
		put_loss(&payload, fault->thread, LOSS_DAMAGE, fault->n);
		count++;
	}
	if (has_unknown_loss(trace, &faults)) {
		put_loss(&payload, 0, LOSS_DAMAGE, 0);
		count++;
	}
	faults_release(&faults);
	write_payload(recovery, CHUNK_LOSSES, count, &payload);
}

static void write_closing(struct recovery *recovery)
{
	const struct trace *trace = recovery->trace;
	struct closing closing = recovery->closing;
	uint8_t bytes[CLOSING_SIZE_MAX];

	closing.lost_events = trace->quality.lost_events;
	closing.duration_ns = trace->duration_ns;
	closing.threads = trace->n_threads;
	closing.ended_by = trace->ending == ENDING_CLOSED    ? trace->closing.ended_by
			   : trace->ending == ENDING_RUNNING ? 0
							     : ENDED_BY_KILL;
	chunk_write(&recovery->writer,
		    (struct chunk_header){
			    .kind = CHUNK_CLOSING, .count = 1, .time_ns = closing.duration_ns},
		    bytes, closing_put(&closing, bytes));
}

bool recover(struct trace *trace, FILE *out)
{
	return recover_with_names(trace, out, NULL);
}

bool recover_with_names(struct trace *trace, FILE *out, const struct recover_names *names)
{
	struct recovery recovery = {.trace = trace, .names = names};

	recovery.parts = xcalloc(trace->inner->reader.n_chunks, sizeof *recovery.parts);
	number_pieces(&recovery);
	chunk_writer_init_as(&recovery.writer, out, trace->inner->identity);
	write_chunks(&recovery);
	save_threads(&recovery.writer, trace);
	if (names)
		names->write(names->arg, &recovery.writer);
	perf_map_save(trace, &recovery.writer);
	write_losses(&recovery);
	write_closing(&recovery);
	chunk_writer_release(&recovery.writer);
	free(recovery.parts);
	return recovery.n_written > 0;
}
