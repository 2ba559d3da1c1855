// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "analyzer/die.h"
#include "analyzer/filter.h"
#include "analyzer/replay.h"
#include "analyzer/snapshot_file.h"
#include "analyzer/trace_private.h"
#include "common/bytes.h"
#include "common/hash.h"
#include "tests/test.h"
#include "tests/unit/made_snapshot.h"
#include "tests/unit/made_trace.h"
#include "tests/unit/random.h"

struct saved {
	struct trace *trace;
	struct snapshot *snapshot;
};

/* Saves a snapshot and takes it from the file again, at its end. */
static struct saved save(struct snapshot *snapshot, const struct trace *source,
			 struct frames *frames)
{
	struct saved saved = {0};
	struct moment end;
	char *bytes, *message = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	CHECK_EQ(snapshot_save(snapshot, source, out, &message), 0);
	fclose(out);
	saved.trace = made_open_bytes(bytes, size, &message);
	CHECK_STR(message, NULL);
	CHECK_STR(saved.trace->warning, NULL);
	CHECK(saved.trace->complete);
	moment_parse("end", &end);
	CHECK_EQ(replay(saved.trace, &end, 1, frames, NULL, &saved.snapshot, NULL, NULL, NULL,
			&message),
		 0);
	free(bytes);
	return saved;
}

static void drop(struct saved *saved)
{
	snapshot_free(saved->snapshot);
	trace_close(saved->trace);
}

static int compare_lines(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The traces as JSON Lines, sorted. */
static char *sorted_lines(struct snapshot *snapshot)
{
	char *text, *sorted, **lines = xreallocarray(NULL, snapshot->n_traces, sizeof *lines),
			     *rest, *line;
	size_t size, n = 0;
	FILE *out = open_memstream(&text, &size);

	jsonl_export(snapshot, out);
	fclose(out);
	rest = text;
	while (n < snapshot->n_traces && (line = strsep(&rest, "\n")))
		lines[n++] = line;
	qsort(lines, n, sizeof *lines, compare_lines);
	out = open_memstream(&sorted, &size);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s\n", lines[i]);
	fclose(out);
	free(text);
	free(lines);
	return sorted;
}

static void check_same(struct snapshot *a, struct snapshot *b)
{
	char *x = sorted_lines(a), *y = sorted_lines(b);

	CHECK_STR(x, y);
	CHECK_EQ(a->size, b->size);
	free(x);
	free(y);
}

static uint64_t state;

static uint64_t below(uint64_t n)
{
	return random_below(&state, n);
}

/* Random traces as JSON Lines, for the caller to free. */
static char *random_lines(void)
{
	static const char *const files[] = {"a.c",   "src/b.c", "<unknown>", "\\udcff",
					    "é\\\"", "",	"libx.so"};
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (uint64_t i = 0, n = below(60); i < n; i++) {
		uint64_t depth = 1 + below(8);

		fprintf(out, "{\"domain\":%llu,\"size\":%llu,\"traceback\":[",
			(unsigned long long)(below(2) ? 0 : below(3) * UINT32_MAX / 2),
			(unsigned long long)(hash_mix(state) >> (1 + below(63))));
		for (uint64_t j = 0; j < depth; j++)
			fprintf(out, "%s[\"%s\",%llu]", j ? "," : "", files[below(7)],
				(unsigned long long)below(3));
		fprintf(out, "],\"total_nframe\":%llu}\n",
			(unsigned long long)(depth + below(3) * below(1000)));
	}
	fclose(out);
	return text;
}

TEST(import_and_save_and_export_give_the_same_traces)
{
	for (unsigned round = 0; round < 200; round++) {
		struct frames *frames = frames_new();
		char *text = random_lines(), *message = NULL;
		struct snapshot *snapshot = made_import(text, frames, &message);
		struct saved saved = save(snapshot, NULL, frames);

		CHECK_STR(message, NULL);
		check_same(snapshot, saved.snapshot);
		CHECK_STR(saved.trace->process.snapshot, "imported");
		struct saved again = save(saved.snapshot, saved.trace, frames);

		check_same(snapshot, again.snapshot);
		drop(&again);
		drop(&saved);
		snapshot_free(snapshot);
		frames_free(frames);
		free(text);
	}
}

TEST(a_filtered_snapshot_has_what_was_kept)
{
	struct frames *frames = frames_new();
	struct snapshot *snapshot =
		made_snapshot(frames, "0 1 a.c:1\n1 2 a.c:1<b.c:2\n0 3 b.c:1\n");
	struct filter filter;

	CHECK_STR(filter_parse(&filter, "include,pattern=a.c"), NULL);
	filter_traces(snapshot, &filter, 1);
	filter_release(&filter);
	struct saved saved = save(snapshot, NULL, frames);

	CHECK_EQ(saved.snapshot->n_traces, 2);
	check_same(snapshot, saved.snapshot);
	drop(&saved);
	snapshot_free(snapshot);
	frames_free(frames);
}

/* A recording whose one address has names: g, inlined into f, and an allocator above. */
static void make_named(struct made *made)
{
	static uint8_t payload[512];
	struct put p = put_into(payload, sizeof payload);

	made_begin(made);
	made_block(made, 3, 0, false);
	made_alloc(made, 0, 0x5000, 24, 2, (uint64_t[]){0x100, 0x200});
	made_event(made, EVENT_TIME, 0, 700);
	put_varint(&p, 7);
	for (const char *const *text =
		     (const char *const[]){"g.c", "f.c", "g", "f", "operator new(unsigned long)",
					   "/lib/libx.so", "/lib/liby.so", NULL};
	     *text; text++)
		put_string(&p, *text, strlen(*text));
	put_varint(&p, 2);
	put_varint(&p, 0);
	put_zigzag(&p, 0x100);
	put_varint(&p, 2);
	for (uint64_t level = 1; level <= 2; level++) {
		put_varint(&p, level);
		put_varint(&p, level * 10);
		put_varint(&p, level + 2);
		put_varint(&p, 6);
	}
	put_varint(&p, 0);
	put_zigzag(&p, 0x100);
	put_varint(&p, 1);
	put_varint(&p, 0);
	put_varint(&p, 0);
	put_varint(&p, 5);
	put_varint(&p, 7);
	made_chunk(made, CHUNK_NAMES, payload, (size_t)(p.at - payload));
	p = put_into(payload, sizeof payload);
	put_varint(&p, 3);
	put_varint(&p, 33);
	put_string(&p, "worker", 6);
	made_chunk(made, CHUNK_THREADS, payload, (size_t)(p.at - payload));
	p = put_into(payload, sizeof payload);
	put_varint(&p, 4242); /* a tag of a later version */
	put_string(&p, "kept", 4);
	made_chunk(made, CHUNK_PROCESS, payload, (size_t)(p.at - payload));
	made_chunk(made, 200, "unknown chunk", 13);
	made_closing(made, 1000);
}

static void check_named(struct snapshot *snapshot)
{
	char *text = made_text(snapshot->frames,
			       snapshot_traceback(snapshot, snapshot->traces[0].stack));
	const struct frame *first = frames_get(
		snapshot->frames, snapshot_first_frame(snapshot, snapshot->traces[0].stack));
	size_t n;
	const uint32_t *ids = frames_traceback_get(
		snapshot->frames, snapshot_traceback(snapshot, snapshot->traces[0].stack), &n);

	CHECK_STR(text, "liby.so:0<g.c:10<f.c:20");
	CHECK_STR(frames_text(snapshot->frames, first->function, NULL), "g");
	CHECK_STR(frames_text(snapshot->frames, first->module, NULL), "/lib/libx.so");
	CHECK(first->inlined);
	CHECK(frames_get(snapshot->frames, ids[0])->allocator);
	CHECK(!frames_get(snapshot->frames, ids[2])->inlined);
	CHECK_EQ(snapshot->traces[0].total_nframe, 2);
	CHECK_EQ(snapshot->traces[0].thread, 3);
	CHECK_EQ(snapshot->traces[0].address, 0x5000);
	CHECK_STR(snapshot_thread_name(snapshot, 3), "worker");
	CHECK_EQ(snapshot_hidden_frames(snapshot, snapshot->traces[0].stack), 1);
	snapshot_show_allocators(snapshot, true);
	CHECK_EQ(snapshot_first_frame(snapshot, snapshot->traces[0].stack), ids[0]);
	CHECK_EQ(snapshot_hidden_frames(snapshot, snapshot->traces[0].stack), 0);
	snapshot_show_allocators(snapshot, false);
	free(text);
}

/* Whether the trace has a chunk of KIND whose payload holds TEXT. */
static bool has_bytes(struct trace *trace, unsigned kind, const char *text)
{
	struct reader *reader = &trace->inner->reader;

	for (size_t i = 0; i < reader->n_chunks; i++) {
		size_t size;
		const uint8_t *payload = reader_payload(reader, &reader->chunks[i], &size);

		if (reader->chunks[i].header.kind == kind && payload &&
		    memmem(payload, size, text, strlen(text)))
			return true;
	}
	return false;
}

TEST(names_threads_and_what_is_unknown_survive)
{
	struct made made;
	struct frames *frames = frames_new();
	struct snapshot *snapshot;
	struct moment end;
	char *message = NULL;

	make_named(&made);
	struct trace *trace = made_open(&made);

	moment_parse("end", &end);
	CHECK_EQ(replay(trace, &end, 1, frames, NULL, &snapshot, NULL, NULL, NULL, &message), 0);
	check_named(snapshot);
	struct saved saved = save(snapshot, trace, frames);

	check_named(saved.snapshot);
	CHECK_EQ(saved.trace->duration_ns, 1000);
	CHECK_STR(saved.trace->process.snapshot, "the end of made.tmz");
	CHECK(has_bytes(saved.trace, CHUNK_PROCESS, "kept"));
	CHECK(has_bytes(saved.trace, 200, "unknown chunk"));
	check_same(snapshot, saved.snapshot);
	drop(&saved);
	snapshot_free(snapshot);
	trace_close(trace);
	frames_free(frames);
	made_release(&made);
}

TEST(a_write_that_fails_is_reported)
{
	struct frames *frames = frames_new();
	struct snapshot *snapshot = made_snapshot(frames, "0 1 a.c:1\n");
	FILE *full = fopen("/dev/full", "w");
	char *message = NULL;

	CHECK_EQ(snapshot_save(snapshot, NULL, full, &message), -1);
	CHECK_STR(message, "cannot write the snapshot: No space left on device");
	free(message);
	fclose(full);
	snapshot_free(snapshot);
	frames_free(frames);
}
