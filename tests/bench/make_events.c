// SPDX-License-Identifier: MIT
/*
 * make_events EVENTS LIVE STACKS OUT.tmz: a trace as the library writes it, encoded by the codec
 * itself: four threads that free each other's blocks, stamps, as many events as are asked for.
 *
 * LIVE blocks are allocated first, then one is freed and another one allocated in turn, so that as
 * many live on. STACKS distinct tracebacks of 18 frames come in runs of neighbours, as a program
 * goes from one part of its work to another: what is outside is shared with many others.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/chunk_writer.h"
#include "analyzer/die.h"
#include "analyzer/frames.h"
#include "analyzer/names_writer.h"
#include "common/event.h"
#include "common/hash.h"

#define THREADS 4
#define TURN 500	       /* events of one thread before the next one's */
#define RUN 64		       /* allocations of one path, each by another leaf */
#define PATH_DEPTH 16	       /* frames of the path */
#define DEPTH (PATH_DEPTH + 2) /* and of the leaf */
#define WORDS 240000	       /* of a block that is written */
#define EVENT_WORDS (4 + DEPTH)
#define NS_PER_EVENT 50
/* Look-up addresses: between the other two, of paths, and innermost. */
#define LEAVES UINT64_C(0x200000)
#define PATHS UINT64_C(0x400000)
#define CALLS UINT64_C(0x800000)
#define PATH_CALLS 8192
#define LEAF_CALLS 1024
#define LINES 500 /* of a source file */

struct stream {
	uint64_t words[WORDS + EVENT_WORDS];
	size_t n;
	uint32_t serial;
	uint64_t allocations;
	uint64_t stack[DEPTH];
	uint32_t depth; /* of `stack`; 0 at the begin of a block */
};

static struct stream streams[THREADS];
static struct chunk_writer writer;
static struct closing closing = {.ended_by = ENDED_BY_EXIT, .threads = THREADS};

static void make_stack(uint64_t path, uint64_t leaf, uint64_t stack[DEPTH])
{
	for (uint64_t level = 0; level < PATH_DEPTH; level++) {
		uint64_t part = path % (UINT64_C(2) << level);

		stack[level] = PATHS + hash_mix(level << 32 | part) % PATH_CALLS * 16;
	}
	stack[PATH_DEPTH] = LEAVES + leaf * 16;
	stack[PATH_DEPTH + 1] = CALLS + (path % LEAF_CALLS * RUN + leaf) * 16;
}

static void write_block(unsigned i, uint64_t event)
{
	struct stream *stream = &streams[i];
	struct chunk_header header = {.thread = i + 1,
				      .serial = stream->serial++,
				      .flags = CHUNK_STAMPED,
				      .time_ns = event * NS_PER_EVENT};

	if (stream->n && !chunk_write_block(&writer, header, stream->words, stream->n))
		die("the codec refuses a block");
	stream->n = 0;
	stream->depth = 0;
}

/* A file that is nowhere. */
static void write_module(void)
{
	static const char path[] = "/nowhere/program";
	struct payload payload = {0};

	payload_varint(&payload, MODULE_LOADED);
	payload_varint(&payload, 1); /* id */
	payload_varint(&payload, 0); /* generation */
	payload_varint(&payload, 0); /* bias */
	payload_string(&payload, path, strlen(path));
	payload_string(&payload, "", 0);
	payload_varint(&payload, 1); /* the main program */
	payload_varint(&payload, 1); /* range */
	payload_varint(&payload, 0x100000);
	payload_varint(&payload, 0x2000000);
	chunk_write(&writer, (struct chunk_header){.kind = CHUNK_MODULES, .count = 1},
		    payload.bytes, payload.size);
	free(payload.bytes);
}

static void name_addresses(struct names_writer *names, struct frames *frames, uint64_t address,
			   unsigned n)
{
	for (unsigned i = 0; i < n; i++, address += 16) {
		char file[32];
		int size = snprintf(file, sizeof file, "src/%x/file%u.c", (unsigned)(address >> 20),
				    i / LINES);
		uint32_t id = frames_frame(
			frames, &(struct frame){.file = frames_string(frames, file, (size_t)size),
						.line = 1 + i % LINES,
						.function = STRING_NONE,
						.module = STRING_NONE,
						.has_line = true});

		names_writer_put(names, 1, STRING_NONE, address, &id, 1);
	}
}

/* Every address that make_stack gives has a line of its own. */
static void write_names(void)
{
	struct frames *frames = frames_new();
	struct names_writer names;

	names_writer_init(&names, &writer, frames);
	name_addresses(&names, frames, LEAVES, RUN);
	name_addresses(&names, frames, PATHS, PATH_CALLS);
	name_addresses(&names, frames, CALLS, LEAF_CALLS * RUN);
	names_writer_end(&names);
	frames_free(frames);
}

static void put_time(struct stream *stream, uint64_t stamp)
{
	stream->words[0] = event_head(EVENT_TIME, 0, 0, 0);
	stream->words[1] = stamp * NS_PER_EVENT;
	stream->words[2] = stamp;
	stream->n = 3;
}

static void put_free(struct stream *stream, uint64_t stamp, uint64_t address)
{
	uint64_t *word = stream->words + stream->n;

	*word++ = event_head(EVENT_FREE, 0, 0, 0);
	*word++ = address;
	*word++ = stamp;
	stream->n += 3;
	closing.frees++;
}

static void put_alloc(struct stream *stream, uint64_t stamp, uint64_t address, uint64_t stacks)
{
	uint64_t run = stream->allocations / RUN * THREADS + (uint64_t)(stream - streams);
	uint64_t leaf = stream->allocations++ % RUN, stack[DEPTH];
	uint64_t path = hash_mix(run) % (stacks / RUN), *word = stream->words + stream->n;
	uint32_t kept = 0;

	if (run < stacks / RUN)
		path = run; /* each of them once, then in no order */
	make_stack(path, leaf, stack);
	while (kept < stream->depth && stack[kept] == stream->stack[kept])
		kept++;
	*word++ = event_head(EVENT_ALLOC, 0, kept, DEPTH - kept);
	*word++ = address;
	*word++ = 16 + hash_mix(path << 8 | leaf) % 1000;
	closing.allocated_bytes += word[-1];
	closing.allocations++;
	*word++ = stamp;
	memcpy(word, stack + kept, (DEPTH - kept) * sizeof *word);
	stream->n += 4 + DEPTH - kept;
	memcpy(stream->stack, stack, sizeof stack);
	stream->depth = DEPTH;
}

static void make(uint64_t events, uint64_t live, uint64_t stacks)
{
	uint64_t address = 0, random = 1;

	for (uint64_t event = 0; event < events; event++) {
		unsigned i = event / TURN % THREADS;

		if (!streams[i].n)
			put_time(&streams[i], event + 1);
		if (event >= live && (event - live) % 2 == 0) {
			random = hash_mix(random + event);
			address = 0x100000000 + random % live * 1024;
			put_free(&streams[i], event + 1, address);
		} else {
			if (event < live)
				address = 0x100000000 + event * 1024;
			put_alloc(&streams[i], event + 1, address, stacks);
		}
		if (streams[i].n >= WORDS)
			write_block(i, event);
	}
	for (unsigned i = 0; i < THREADS; i++)
		write_block(i, events);
}

int main(int argc, char **argv)
{
	uint8_t bytes[CLOSING_SIZE_MAX];

	if (argc != 5)
		die_usage("make_events EVENTS LIVE STACKS OUT.tmz");
	uint64_t events = strtoull(argv[1], NULL, 10), live = strtoull(argv[2], NULL, 10);
	uint64_t stacks = strtoull(argv[3], NULL, 10);
	FILE *out = fopen(argv[4], "w");

	if (!out || !live || events < live || stacks < RUN)
		die("%s: cannot be made", argv[4]);
	chunk_writer_init(&writer, out);
	write_module();
	write_names();
	make(events, live, stacks);
	closing.duration_ns = events * NS_PER_EVENT;
	chunk_write(&writer, (struct chunk_header){.kind = CHUNK_CLOSING, .count = 1}, bytes,
		    closing_put(&closing, bytes));
	if (ferror(out) || fclose(out) != 0)
		die("%s: cannot be written", argv[4]);
	chunk_writer_release(&writer);
	return 0;
}
