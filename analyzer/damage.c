// SPDX-License-Identifier: MIT
/*
 * The words about damage. One damaged chunk is named; of several the number and the time they span.
 */
#include "damage.h"

#include <stdlib.h>

#include "amount.h"
#include "die.h"
#include "pieces.h"
#include "warning.h"

#define WARNINGS_MOST 4 /* texts; the line is for people, tmtrace verify has a list */

struct damage {
	size_t pieces;		/* damaged chunks, and stretches of the file that are none */
	size_t position, total; /* of the last piece, and of all; from 1 */
	unsigned kind;		/* of the last piece, 0 unknown */
	bool cut_off;		/* the last piece ends the file too early */
	bool events;		/* some may be missing */
	bool uncounted;		/* of the missing events not all are counted */
	uint64_t n_events, from_ns, to_ns;
	bool open_end; /* nothing is known of the time after */
};

uint64_t damage_time_before(const struct reader *reader, size_t chunk, uint32_t thread)
{
	while (chunk-- > 0) {
		const struct chunk_header *header = &reader->chunks[chunk].header;

		if (header->kind == CHUNK_EVENTS &&
		    (header->thread == thread || thread == UINT32_MAX))
			return header->time_ns;
	}
	return 0;
}

uint64_t damage_time_after(const struct reader *reader, size_t chunk)
{
	for (; chunk < reader->n_chunks; chunk++)
		if (reader->chunks[chunk].header.kind == CHUNK_EVENTS)
			return reader->chunks[chunk].header.time_ns;
	return 0;
}

static void add_span(struct damage *damage, uint64_t from_ns, uint64_t to_ns)
{
	if (!damage->events || from_ns < damage->from_ns)
		damage->from_ns = from_ns;
	if (to_ns > damage->to_ns)
		damage->to_ns = to_ns;
	damage->open_end |= !to_ns;
	damage->events = true;
}

static void add_chunk(struct damage *damage, const struct reader *reader, size_t index)
{
	const struct chunk *chunk = &reader->chunks[index];
	const struct chunk_header *header = &chunk->header;

	damage->pieces++;
	damage->position = damage->total;
	damage->kind = header->kind;
	damage->cut_off = chunk->stored < header->stored_size;
	if (header->kind != CHUNK_EVENTS)
		return;
	damage->n_events += header->count;
	add_span(damage, damage_time_before(reader, index, header->thread), header->time_ns);
}

static void add_gap(struct damage *damage, const struct reader *reader, const struct gap *gap)
{
	damage->total++;
	damage->pieces++;
	damage->position = damage->total;
	damage->kind = 0;
	damage->cut_off = gap->offset + gap->size == reader->source.size;
	damage->uncounted = true;
	add_span(damage, damage_time_before(reader, gap->after, UINT32_MAX),
		 damage_time_after(reader, gap->after));
}

static struct damage find_damage(const struct reader *reader)
{
	struct damage damage = {0};
	size_t gap = 0;

	for (size_t i = 0; i <= reader->n_chunks; i++) {
		for (; gap < reader->n_gaps && reader->gaps[gap].after == i; gap++)
			if (!reader->gaps[gap].zeros && !reader->gaps[gap].covered)
				add_gap(&damage, reader, &reader->gaps[gap]);
		if (i == reader->n_chunks)
			break;
		if (reader->chunks[i].journal)
			continue;
		damage.total++;
		if (reader->chunks[i].damaged && !reader->chunks[i].covered)
			add_chunk(&damage, reader, i);
	}
	return damage;
}

static const char *lost_records(unsigned kind)
{
	static const char *const records[CHUNK_KIND_END] = {
		[CHUNK_PROCESS] = "the description of the process is",
		[CHUNK_MODULES] = "modules are",
		[CHUNK_THREADS] = "thread names are",
		[CHUNK_MARKS] = "names of marks are",
		[CHUNK_RESOURCES] = "memory samples are",
		[CHUNK_NAMES] = "recorded names and lines are",
		[CHUNK_PERF_MAP] = "names of generated code are",
		[CHUNK_LOSSES] = "counts of lost events are",
		[CHUNK_CLOSING] = "the totals are",
		[CHUNK_DOMAINS] = "names of domains are",
	};

	return kind < CHUNK_KIND_END && records[kind] ? records[kind] : "records are";
}

/* "chunk 41 of 60 is damaged: 51,200 events between 3.02 s and 3.10 s are missing" */
static char *damage_text(const struct damage *damage)
{
	char count[AMOUNT_MAX], from[AMOUNT_MAX], to[AMOUNT_MAX];
	char *what, *lost, *text;

	if (damage->pieces == 1 && damage->cut_off)
		what = xasprintf("the file ends inside chunk %zu", damage->position);
	else if (damage->pieces == 1)
		what = xasprintf("chunk %zu of %zu is damaged", damage->position, damage->total);
	else
		what = xasprintf("%zu of %zu chunks are damaged", damage->pieces, damage->total);
	if (!damage->events) {
		text = xasprintf("%s: %s missing", what,
				 lost_records(damage->pieces == 1 ? damage->kind : 0));
		free(what);
		return text;
	}
	amount_count(damage->n_events, count);
	amount_time(damage->from_ns, from);
	amount_time(damage->to_ns, to);
	lost = xasprintf("%s%s%sevents", damage->uncounted && damage->n_events ? "at least " : "",
			 damage->n_events ? count : "", damage->n_events ? " " : "");
	text = damage->open_end
		       ? xasprintf("%s: %s after %s are missing", what, lost, from)
		       : xasprintf("%s: %s between %s and %s are missing", what, lost, from, to);
	free(what);
	free(lost);
	return text;
}

void damage_warn(struct trace *trace, char *text)
{
	unsigned n = trace->inner->n_warnings++;

	if (n == WARNINGS_MOST) {
		free(text);
		text = xstrdup("and more is damaged");
	}
	if (n > WARNINGS_MOST)
		free(text);
	else
		warning_add(&trace->warning, trace->path, text);
}

/* Chunks that must have been, because later ones of their thread are there. */
static void report_missing(struct trace *trace, bool damaged)
{
	size_t n;
	struct piece_gap *gaps = pieces_missing(&trace->inner->reader, &n);
	uint64_t missing = 0;

	for (size_t i = 0; i < n; i++)
		missing += gaps[i].n;
	if (missing)
		trace->complete = false;
	if (missing && !damaged)
		damage_warn(trace, xasprintf("%llu chunk%s of events of thread %u%s missing",
					     (unsigned long long)missing, missing > 1 ? "s" : "",
					     gaps[n - 1].thread,
					     missing > 1 ? " and perhaps others are" : " is"));
	free(gaps);
}

/* Blocks that were never chunks: what follows the good words is lost, and nobody knows how much. */
static void report_bad_blocks(struct trace *trace)
{
	const struct reader *reader = &trace->inner->reader;
	size_t n = trace->inner->journal.bad_slots;
	uint32_t thread = 0;

	for (size_t i = 0; i < reader->n_chunks; i++) {
		if (!reader->chunks[i].bad)
			continue;
		n++;
		thread = reader->chunks[i].header.thread;
	}
	trace->quality.damaged_chunks += n;
	if (!n)
		return;
	trace->complete = false;
	if (n == 1 && !trace->inner->journal.bad_slots)
		damage_warn(trace, xasprintf("the last block of thread %u is damaged: its last "
					     "events are missing",
					     thread));
	else
		damage_warn(trace, xasprintf("%zu block%s damaged: the last events of %s missing",
					     n, n > 1 ? "s are" : " is",
					     n > 1 ? "their threads are" : "its thread are"));
}

/* The words for a recording without an end whose journal does not hold what was not written yet. */
static void report_no_end(struct trace *trace)
{
	const char *missing = trace->journal
				      ? "not all that it had not written yet is in its journal"
				      : "what it had not written yet is missing";

	if (trace->ending == ENDING_RUNNING)
		damage_warn(trace, xasprintf("the program is still running, and %s", missing));
	else if (trace->ending == ENDING_UNKNOWN && !trace->journal)
		damage_warn(trace, xstrdup("the recording has no end: the program was killed or is "
					   "still running"));
	else if (trace->process.kill_safe && !trace->journal)
		damage_warn(trace,
			    xstrdup("the program was killed or crashed, and the journal with "
				    "its last events is not beside the trace"));
	else
		damage_warn(trace, xasprintf("the program was killed or crashed, and %s", missing));
}

void damage_report(struct trace *trace)
{
	const struct trace_private *inner = trace->inner;
	struct damage damage = find_damage(&inner->reader);

	for (size_t i = 0; i < inner->reader.n_gaps; i++)
		trace->quality.skipped_bytes += inner->reader.gaps[i].size;
	trace->quality.damaged_chunks += damage.pieces;
	trace->quality.lost_events += damage.n_events;
	trace->complete =
		inner->closed && !damage.pieces && !trace->warning && !inner->unknown_loss;
	if (damage.pieces)
		damage_warn(trace, damage_text(&damage));
	report_missing(trace, damage.pieces);
	report_bad_blocks(trace);
	if (inner->journal.problem) {
		trace->complete = false;
		damage_warn(trace, xasprintf("its journal is not read, and what only that holds is "
					     "missing: %s",
					     inner->journal.problem));
	} else if (!inner->closed && (!trace->journal || inner->unsafe) &&
		   !(damage.pieces == 1 && damage.cut_off)) {
		report_no_end(trace);
	}
}

void damage_add(struct trace *trace, struct chunk *chunk)
{
	size_t n;

	if (chunk->reported || chunk->bad)
		return;
	chunk->reported = true;
	uint64_t *words = reader_words(&trace->inner->reader, chunk, &n);
	struct block_sums sums =
		block_sum(words, words ? n : 0, chunk->header.flags & CHUNK_STAMPED, UINT64_MAX);
	uint32_t lost = chunk->header.count > sums.records ? chunk->header.count - sums.records : 0;

	free(words);
	trace->quality.damaged_chunks++;
	trace->quality.lost_events += lost;
	trace->complete = false;
	damage_warn(trace, xasprintf("a chunk of thread %u holds no valid events: %u are missing",
				     chunk->header.thread, lost));
}
