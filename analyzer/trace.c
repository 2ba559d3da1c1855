// SPDX-License-Identifier: MIT
/*
 * Opening a trace: is it one, where are its chunks, and what do the small ones say.
 */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

#include "ancestors.h"
#include "common/event.h"
#include "damage.h"
#include "die.h"
#include "ending.h"
#include "file_kind.h"
#include "fold.h"
#include "perf_map_file.h"
#include "records.h"
#include "trace_private.h"

#define CLOCK_SURE_NS 50000000u /* of which the 4 ms of the coarse clock are little */
#define LOOK_SIZE 512		/* bytes that tell what a file is */

/*
 * What the records of a file may unpack to, all together: records take a few times as much memory
 * as they take bytes, so a small file must not hold them by the billion. Recorded ones shrink to a
 * tenth at best, but for long command lines, which are the reason for the first number, and for
 * perf maps, which have a limit of their own.
 */
#define RECORDS_LEAST (16u << 20)
#define RECORDS_RATIO 64

const char *trace_name(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

/*
 * Whether the file is a trace that can be read; else *message. *damaged: only its header is not
 * whole.
 */
static bool check_header(const struct source *source, const char *path, char **message,
			 bool *damaged, struct file_header *header)
{
	uint8_t bytes[LOOK_SIZE] = {0};
	size_t n = source_read(source, 0, bytes, sizeof bytes);

	*damaged = false;
	if (n && n < TMZ_FILE_HEADER_SIZE &&
	    memcmp(bytes, tmz_magic, n < sizeof tmz_magic ? n : sizeof tmz_magic) == 0) {
		*message = xasprintf(
			"%s: the file is cut off inside its header, after %zu of %d bytes",
			trace_name(path), n, TMZ_FILE_HEADER_SIZE);
		return false;
	}
	enum file_header_result result = file_header_get(bytes, header);

	if (result == FILE_HEADER_FOREIGN) {
		const char *kind = file_kind(bytes, n);

		*message = kind ? xasprintf("%s: not a tmtrace file (%s)", trace_name(path), kind)
				: xasprintf("%s: not a tmtrace file", trace_name(path));
		return false;
	}
	*damaged = result == FILE_HEADER_DAMAGED;
	if (!*damaged && header->version != TMZ_VERSION) {
		*message = xasprintf("%s: format version %u, but this tmtrace reads version %d",
				     trace_name(path), header->version, TMZ_VERSION);
		return false;
	}
	return true;
}

static void read_records(struct trace *trace)
{
	struct reader *reader = &trace->inner->reader;
	uint64_t left = RECORDS_LEAST + RECORDS_RATIO * reader->source.size;

	for (size_t i = 0; i < reader->n_chunks; i++) {
		struct chunk *chunk = &reader->chunks[i];
		const uint8_t *payload = NULL;
		size_t size;

		if (chunk->header.kind == CHUNK_EVENTS || chunk->header.kind == CHUNK_RAW_BLOCK ||
		    chunk->header.kind >= CHUNK_KIND_END || chunk->damaged)
			continue;
		uint32_t cost = chunk->header.kind == CHUNK_PERF_MAP ? 0 : chunk->header.raw_size;

		if (cost <= left) {
			left -= cost;
			payload = reader_payload(reader, chunk, &size);
		}
		if (!payload || !records_read(trace, &chunk->header, payload, size))
			chunk->damaged = true;
	}
}

static void note_time(struct trace *trace, uint64_t time_ns)
{
	if (time_ns > trace->duration_ns)
		trace->duration_ns = time_ns;
}

/* A raw block has no time in its header: it is written in place until the program ends. */
static uint64_t block_time(const struct chunk *chunk)
{
	return block_sum(chunk->words, chunk->n_words, chunk->header.flags & CHUNK_STAMPED,
			 UINT64_MAX)
		.time_ns;
}

/*
 * A chunk may be written long after its last event, never before it: of all that tell how fast the
 * clock is, the largest is the nearest.
 */
static void note_clock(struct trace_private *inner, const struct chunk_header *header)
{
	double stamps = (double)(header->last_stamp - inner->stamp_start);

	if (header->last_stamp <= inner->stamp_start || header->time_ns < CLOCK_SURE_NS)
		return;
	if (inner->clock_time_ns &&
	    stamps / (double)header->time_ns <= (double)(inner->clock_stamp - inner->stamp_start) /
							(double)inner->clock_time_ns)
		return;
	inner->clock_stamp = header->last_stamp;
	inner->clock_time_ns = header->time_ns;
}

static void read_times(struct trace *trace)
{
	struct trace_private *inner = trace->inner;

	for (size_t i = 0; i < inner->reader.n_chunks; i++) {
		const struct chunk *chunk = &inner->reader.chunks[i];
		const struct chunk_header *header = &chunk->header;

		note_time(trace, header->time_ns);
		if (header->kind == CHUNK_RAW_BLOCK)
			note_time(trace, block_time(chunk));
		if (header->kind == CHUNK_EVENTS)
			note_clock(inner, header);
	}
	note_time(trace, trace->process.duration_ns);
}

/*
 * A thread that has events but no record is a thread all the same; the journal may know its name.
 * In front of the records, which count more.
 */
static void add_unrecorded_threads(struct trace *trace)
{
	struct trace_private *inner = trace->inner;
	const struct reader *reader = &inner->reader;
	const struct journal_file *journal = &inner->journal;
	size_t n = trace->n_threads, added = 0;
	struct trace_thread *all =
		xreallocarray(NULL, n + reader->n_chunks + journal->n, sizeof *all);

	for (size_t i = 0; i < reader->n_chunks; i++) {
		const struct chunk_header *header = &reader->chunks[i].header;

		if ((header->kind == CHUNK_EVENTS || header->kind == CHUNK_RAW_BLOCK) &&
		    header->thread && (!added || all[added - 1].number != header->thread))
			all[added++] = (struct trace_thread){.number = header->thread, .name = ""};
	}
	for (size_t i = 0; i < journal->n; i++) {
		const struct journal_block *block = &journal->blocks[i];

		if (block->thread)
			all[added++] = (struct trace_thread){
				.number = block->thread,
				.tid = block->tid,
				.name = arena_text(&inner->arena, block->name, strlen(block->name)),
			};
	}
	if (n)
		memcpy(all + added, inner->threads, n * sizeof *all);
	free(inner->threads);
	trace->threads = inner->threads = all;
	trace->n_threads = added + n;
}

/* By number; of one thread in the order of the records. */
static int compare_threads(const void *left, const void *right)
{
	const struct trace_thread *a = *(const struct trace_thread *const *)left;
	const struct trace_thread *b = *(const struct trace_thread *const *)right;

	if (a->number != b->number)
		return (a->number > b->number) - (a->number < b->number);
	return (a > b) - (a < b);
}

/* Sorts by number, and of records of one thread keeps the last. */
static void sort_threads(struct trace *trace)
{
	struct trace_thread *threads = trace->inner->threads;
	size_t n = trace->n_threads, kept = 0;
	struct trace_thread **order = xreallocarray(NULL, n, sizeof *order);
	struct trace_thread *sorted = xreallocarray(NULL, n, sizeof *sorted);

	for (size_t i = 0; i < n; i++)
		order[i] = &threads[i];
	qsort(order, n, sizeof *order, compare_threads);
	for (size_t i = 0; i < n; i++)
		if (i + 1 == n || order[i]->number != order[i + 1]->number)
			sorted[kept++] = *order[i];
	free(order);
	free(threads);
	trace->threads = trace->inner->threads = sorted;
	trace->n_threads = kept;
}

struct trace *trace_new(const char *path)
{
	struct trace *trace = xcalloc(1, sizeof *trace);

	trace->inner = xcalloc(1, sizeof *trace->inner);
	trace->inner->reader.source.fd = -1;
	trace->inner->module_main = UINT64_MAX;
	trace->inner->boot_id = trace->inner->parent.path = "";
	trace->inner->origin.generations = UINT32_MAX;
	trace->inner->stacks_of_all = &trace->inner->stacks;
	intern_init(&trace->inner->name_set);
	trace->path = arena_text(&trace->inner->arena, path, strlen(path));
	trace->process.executable = trace->process.cwd = trace->process.host =
		trace->process.recorder = "";
	return trace;
}

static void finish(struct trace *trace)
{
	struct trace_private *inner = trace->inner;

	for (size_t i = 0; i < trace->n_modules; i++)
		inner->modules[i].main_program |= inner->module_ids[i] == inner->module_main;
	add_unrecorded_threads(trace);
	sort_threads(trace);
	if (trace->closing.lost_events > trace->quality.lost_events)
		trace->quality.lost_events = trace->closing.lost_events;
	for (unsigned reason = 0; reason < LOSS_REASON_END; reason++)
		trace->quality.lost_events += inner->journal.lost[reason];
	inner->lost_recording = trace->quality.lost_events;
	damage_report(trace);
	module_map_init(&inner->map, inner->modules, trace->n_modules);
	stacks_init(&inner->stacks, &inner->map, trace->process.snapshot != NULL);
}

/* Takes SOURCE and JOURNAL over. HEADER is NULL when damaged. */
static struct trace *open_copied(struct source *source, struct journal_file *journal,
				 const struct file_header *header, const char *path, char **message)
{
	struct trace *trace = trace_new(path);
	struct trace_private *inner = trace->inner;

	trace->file_size = source->size;
	inner->identity = header ? header->identity : 0;
	inner->journal = *journal;
	reader_open(&inner->reader, source, TMZ_FILE_HEADER_SIZE);
	trace->n_chunks = inner->reader.n_chunks;
	if (!header && !trace->n_chunks) {
		*message = xasprintf(
			"%s: the file header is damaged, and nothing behind it is readable",
			trace_name(path));
		trace_close(trace);
		return NULL;
	}
	if (!header)
		damage_warn(trace, xstrdup("the file header is damaged"));
	read_records(trace);
	fold_journal(trace);
	read_times(trace);
	finish(trace);
	return trace;
}

struct trace *trace_open_sources(struct source *source, const struct source *journal,
				 const char *path, char **message)
{
	struct journal_file copied = {0};
	struct file_header header;
	bool damaged;

	if (!check_header(source, path, message, &damaged, &header)) {
		source_close(source);
		return NULL;
	}
	if (journal)
		journal_read(&copied, journal, damaged ? NULL : &header);
	return open_copied(source, &copied, damaged ? NULL : &header, path, message);
}

struct trace *trace_open_source(struct source *source, const char *path, char **message)
{
	return trace_open_sources(source, NULL, path, message);
}

/* Takes SOURCE over, whose header is HEADER, NULL when damaged. */
static struct trace *open_checked(struct source *source, const struct file_header *header,
				  const char *path, char **message)
{
	struct journal_file journal;

	journal_open(&journal, path, source, header);
	source_grown(source);
	struct trace *trace = open_copied(source, &journal, header, path, message);

	if (trace)
		perf_map_load(trace);
	return trace;
}

struct trace *trace_open(const char *path, char **message)
{
	struct file_header header;
	struct source source;
	bool damaged;

	if (source_open(&source, path, message) < 0)
		return NULL;
	if (check_header(&source, path, message, &damaged, &header))
		return open_checked(&source, damaged ? NULL : &header, path, message);
	source_close(&source);
	return NULL;
}

struct trace *trace_open_named(const char *path, uint64_t identity, char **message)
{
	struct file_header header;
	struct source source;
	bool damaged;

	if (source_open_regular(&source, path, message) < 0)
		return NULL;
	if (check_header(&source, path, message, &damaged, &header)) {
		if (!damaged && header.identity == identity)
			return open_checked(&source, &header, path, message);
		*message = xasprintf(damaged ? "%s: the file header is damaged"
					     : "%s: a trace of another process",
				     path);
	}
	source_close(&source);
	return NULL;
}

bool trace_module_same(const struct trace_module *a, const struct trace_module *b)
{
	return strcmp(a->path, b->path) == 0 && a->build_id_size == b->build_id_size &&
	       (!a->build_id_size || memcmp(a->build_id, b->build_id, a->build_id_size) == 0);
}

void trace_close(struct trace *trace)
{
	if (!trace)
		return;
	struct trace_private *inner = trace->inner;

	reader_close(&inner->reader);
	journal_release(&inner->journal);
	module_map_release(&inner->map);
	stacks_release(&inner->stacks);
	intern_release(&inner->name_set);
	perf_map_release(&inner->perf_map);
	arena_release(&inner->arena);
	free(inner->marks);
	free(inner->domains);
	free(inner->names);
	free(inner->modules);
	free(inner->module_ids);
	free(inner->threads);
	free(inner->differences);
	ancestors_release(trace);
	free(inner);
	free(trace->warning);
	free(trace);
}
