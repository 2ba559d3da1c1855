// SPDX-License-Identifier: MIT
/*
 * Opening a trace: is it one, where are its chunks, and what do the small ones say.
 */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

#include "common/event.h"
#include "damage.h"
#include "die.h"
#include "file_kind.h"
#include "records.h"
#include "trace_private.h"

#define LOOK_SIZE 512 /* bytes that tell what a file is */

static const char *name_of(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

/*
 * Whether the file is a trace that can be read; else *message. *damaged: only its header is not
 * whole.
 */
static bool check_header(const struct source *source, const char *path, char **message,
			 bool *damaged)
{
	uint8_t bytes[LOOK_SIZE] = {0};
	size_t n = source_read(source, 0, bytes, sizeof bytes);
	struct file_header header;

	*damaged = false;
	if (n && n < TMZ_FILE_HEADER_SIZE &&
	    memcmp(bytes, tmz_magic, n < sizeof tmz_magic ? n : sizeof tmz_magic) == 0) {
		*message = xasprintf(
			"%s: the file is cut off inside its header, after %zu of %d bytes",
			name_of(path), n, TMZ_FILE_HEADER_SIZE);
		return false;
	}
	enum file_header_result result = file_header_get(bytes, &header);

	if (result == FILE_HEADER_FOREIGN) {
		const char *kind = file_kind(bytes, n);

		*message = kind ? xasprintf("%s: not a tmtrace file (%s)", name_of(path), kind)
				: xasprintf("%s: not a tmtrace file", name_of(path));
		return false;
	}
	*damaged = result == FILE_HEADER_DAMAGED;
	if (!*damaged && header.version != TMZ_VERSION) {
		*message = xasprintf("%s: format version %u, but this tmtrace reads version %d",
				     name_of(path), header.version, TMZ_VERSION);
		return false;
	}
	return true;
}

static void read_records(struct trace *trace)
{
	struct reader *reader = &trace->private->reader;

	for (size_t i = 0; i < reader->n_chunks; i++) {
		struct chunk *chunk = &reader->chunks[i];
		const uint8_t *payload;
		size_t size;

		if (chunk->header.kind == CHUNK_EVENTS || chunk->header.kind == CHUNK_RAW_BLOCK ||
		    chunk->header.kind >= CHUNK_KIND_END || chunk->damaged)
			continue;
		payload = reader_payload(reader, chunk, &size);
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
static void read_block_times(struct trace *trace, const struct chunk *chunk)
{
	size_t n;
	uint64_t *words = reader_words(&trace->private->reader, chunk, &n);
	struct raw_words raw = {words, words + n, chunk->header.flags & CHUNK_STAMPED, false};
	struct raw_event event;

	while (raw_next(&raw, &event))
		if (event.kind == EVENT_TIME)
			note_time(trace, event.address);
	free(words);
}

static void read_times(struct trace *trace)
{
	struct trace_private *private = trace->private;

	for (size_t i = 0; i < private->reader.n_chunks; i++) {
		const struct chunk *chunk = &private->reader.chunks[i];
		const struct chunk_header *header = &chunk->header;

		note_time(trace, header->time_ns);
		if (header->kind == CHUNK_RAW_BLOCK)
			read_block_times(trace, chunk);
		if (header->kind != CHUNK_EVENTS || header->last_stamp <= private->stamp_start ||
		    header->time_ns <= private->clock_time_ns)
			continue;
		private->clock_stamp = header->last_stamp;
		private->clock_time_ns = header->time_ns;
	}
	note_time(trace, trace->process.duration_ns);
}

/* A thread that has events but no record is a thread all the same. */
static void add_unnamed_threads(struct trace *trace)
{
	struct trace_private *private = trace->private;
	size_t n = trace->n_threads, added = 0;
	struct trace_thread *all = xreallocarray(NULL, n + private->reader.n_chunks, sizeof *all);

	for (size_t i = 0; i < private->reader.n_chunks; i++) {
		const struct chunk_header *header = &private->reader.chunks[i].header;

		if ((header->kind == CHUNK_EVENTS || header->kind == CHUNK_RAW_BLOCK) &&
		    header->thread && header->serial == 0)
			all[added++] = (struct trace_thread){.number = header->thread, .name = ""};
	}
	if (n)
		memcpy(all + added, private->threads, n * sizeof *all);
	free(private->threads);
	trace->threads = private->threads = all;
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
	struct trace_thread *threads = trace->private->threads;
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
	trace->threads = trace->private->threads = sorted;
	trace->n_threads = kept;
}

static struct trace *new_trace(const char *path)
{
	struct trace *trace = xcalloc(1, sizeof *trace);

	trace->private = xcalloc(1, sizeof *trace->private);
	trace->private->module_main = UINT64_MAX;
	intern_init(&trace->private->name_set);
	trace->path = arena_text(&trace->private->arena, path, strlen(path));
	trace->process.executable = trace->process.cwd = trace->process.host =
		trace->process.recorder = "";
	return trace;
}

static void finish(struct trace *trace)
{
	struct trace_private *private = trace->private;

	for (size_t i = 0; i < trace->n_modules; i++)
	private->modules[i].main_program |= private->module_ids[i] == private->module_main;
	add_unnamed_threads(trace);
	sort_threads(trace);
	if (trace->closing.lost_events > trace->quality.lost_events)
		trace->quality.lost_events = trace->closing.lost_events;
	damage_report(trace);
	module_map_init(&private->map, private->modules, trace->n_modules);
	stacks_init(&private->stacks, &private->map, trace->process.snapshot != NULL);
}

struct trace *trace_open_source(struct source *source, const char *path, char **message)
{
	bool damaged;

	if (!check_header(source, path, message, &damaged)) {
		source_close(source);
		return NULL;
	}
	struct trace *trace = new_trace(path);

	trace->file_size = source->size;
	reader_open(&trace->private->reader, source, TMZ_FILE_HEADER_SIZE);
	trace->n_chunks = trace->private->reader.n_chunks;
	if (damaged && !trace->n_chunks) {
		*message = xasprintf(
			"%s: the file header is damaged, and nothing behind it is readable",
			name_of(path));
		trace_close(trace);
		return NULL;
	}
	if (damaged)
		damage_warn(trace, xstrdup("the file header is damaged"));
	read_records(trace);
	read_times(trace);
	finish(trace);
	return trace;
}

struct trace *trace_open(const char *path, char **message)
{
	struct source source;

	return source_open(&source, path, message) < 0 ? NULL
						       : trace_open_source(&source, path, message);
}

void trace_close(struct trace *trace)
{
	if (!trace)
		return;
	struct trace_private *private = trace->private;

	reader_close(&private->reader);
	module_map_release(&private->map);
	stacks_release(&private->stacks);
	intern_release(&private->name_set);
	arena_release(&private->arena);
	free(private->marks);
	free(private->names);
	free(private->modules);
	free(private->module_ids);
	free(private->threads);
	free(private);
	free(trace->warning);
	free(trace);
}
