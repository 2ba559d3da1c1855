// SPDX-License-Identifier: MIT
/*
 * The half of make_trace that knows chunks: collects events and payloads, writes them, damages them.
 */
#include "tests/make_trace.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "common/codec.h"
#include "common/hash.h"

#define WORDS_MOST (1u << 19) /* of a chunk: then a new one begins */
#define PAYLOAD_MOST (32u << 20)

struct make t = {.thread = 1,
		 .stamp = 1000,
		 .header = {.version = TMZ_VERSION, .identity = 0x746d747261636531}};

_Noreturn void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fprintf(stderr, "make_trace: %s:%u: ", t.path, t.line);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(1);
}

struct put *payload(struct payload *p)
{
	if (!p->bytes) {
		p->bytes = malloc(PAYLOAD_MOST);
		p->put = put_into(p->bytes, PAYLOAD_MOST);
	}
	return &p->put;
}

static size_t payload_size(const struct payload *p)
{
	return p->bytes ? (size_t)(p->put.at - p->bytes) : 0;
}

static void chunk_write(struct chunk_header header, const void *bytes, size_t size)
{
	uint8_t head[TMZ_CHUNK_HEADER_SIZE], *stored = malloc(ZSTD_compressBound(size));
	size_t n = ZSTD_compress(stored, ZSTD_compressBound(size), bytes, size, 1);

	header.raw_size = (uint32_t)size;
	header.stored_size = (uint32_t)n;
	header.checksum = hash_checksum(stored, n);
	header.time_ns = t.time_ns;
	chunk_header_put(&header, head);
	t.chunks[t.n_chunks++] = ftell(t.out);
	fwrite(head, 1, sizeof head, t.out);
	fwrite(stored, 1, n, t.out);
	free(stored);
}

static void payload_write(struct payload *p, enum chunk_kind kind)
{
	if (payload_size(p))
		chunk_write((struct chunk_header){.kind = kind, .count = p->count}, p->bytes,
			    payload_size(p));
	p->count = 0;
	if (p->bytes)
		p->put = put_into(p->bytes, PAYLOAD_MOST);
}

static void names_write(void)
{
	struct payload all = {0};
	struct put *put = payload(&all);

	if (!t.names_frames.count)
		return;
	put_varint(put, t.names_strings.count);
	put_bytes(put, t.names_strings.bytes, payload_size(&t.names_strings));
	put_varint(put, t.names_frames.count);
	put_bytes(put, t.names_frames.bytes, payload_size(&t.names_frames));
	all.count = t.names_frames.count;
	payload_write(&all, CHUNK_NAMES);
	free(all.bytes);
}

/* What must stand before the first event. */
static void start(void)
{
	if (t.started)
		return;
	t.started = true;
	payload_write(&t.process, CHUNK_PROCESS);
	payload_write(&t.modules, CHUNK_MODULES);
	payload_write(&t.threads, CHUNK_THREADS);
	payload_write(&t.marks, CHUNK_MARKS);
	payload_write(&t.domains, CHUNK_DOMAINS);
	names_write();
}

static void stream_write(uint32_t thread)
{
	struct stream *s = &t.streams[thread];
	void *memory = malloc(codec_encode_size(s->n_words));
	struct codec_summary summary;
	size_t size = 0;
	const uint8_t *bytes = s->n_words ? codec_encode(s->words, s->n_words, s->stamped_at_start,
							 memory, &size, &summary)
					  : NULL;

	if (s->n_words && !size)
		fail("the events of thread %u cannot be encoded", thread);
	if (size)
		chunk_write((struct chunk_header){.kind = CHUNK_EVENTS,
						  .flags = s->stamped_at_start ? CHUNK_STAMPED : 0,
						  .thread = thread,
						  .serial = s->serial++,
						  .count = summary.events,
						  .first_stamp = s->first_stamp,
						  .last_stamp = s->last_stamp},
			    bytes, size);
	free(memory);
	s->n_words = s->depth = 0;
	s->events = 0;
	s->first_stamp = 0;
	s->stamped_at_start = s->stamped;
}

void streams_write(void)
{
	start();
	for (uint32_t thread = 0; thread < STREAMS_MOST; thread++)
		stream_write(thread);
}

static void slot_write(FILE *live, uint32_t thread, size_t n)
{
	const struct stream *s = &t.streams[thread];
	struct journal_slot slot = {
		.committed = block_word(s->serial, s->stamped_at_start, (uint32_t)s->n_words),
		.magic = JOURNAL_SLOT_MAGIC,
		.thread = thread,
		.tid = 900 + thread,
		.name = "live",
	};

	fseek(live, (long)(JOURNAL_HEADER_SIZE + n * JOURNAL_SLOT_SIZE), SEEK_SET);
	fwrite(&slot, sizeof slot, 1, live);
	fwrite(s->words, sizeof *s->words, s->n_words, live);
}

/* What is no chunk yet becomes blocks of the journal. */
static void journal_write(void)
{
	FILE *live = fopen(t.live, "w");
	struct journal_header header = {.version = t.header.version,
					.slot_size = JOURNAL_SLOT_SIZE,
					.identity = t.header.identity};
	size_t n = 0;

	if (!live)
		fail("%s: %s", t.live, strerror(errno));
	memcpy(header.magic, journal_magic, sizeof header.magic);
	memcpy(header.lost, t.lost, sizeof header.lost);
	header.checksum = hash_checksum(&header, offsetof(struct journal_header, checksum));
	fwrite(&header, sizeof header, 1, live);
	for (uint32_t thread = 0; thread < STREAMS_MOST; thread++) {
		if (!t.streams[thread].words)
			continue;
		slot_write(live, thread, n);
		if (n++ == 0 && t.torn)
			stream_write(thread);
	}
	if (fclose(live) != 0)
		fail("%s: %s", t.live, strerror(errno));
}

uint64_t number(const char *text)
{
	char *end;

	errno = 0;
	uint64_t value = strtoull(text, &end, 0);

	if (errno || *end || !*text)
		fail("'%s' is no number", text);
	return value;
}

static uint64_t frame_address(const char *name)
{
	for (size_t i = 0; i < t.n_frames; i++)
		if (strcmp(t.frames[i].name, name) == 0)
			return t.frames[i].address;
	return number(name);
}

void event(enum event_kind kind, unsigned flags, const uint64_t *fields, size_t n_fields,
	   size_t first_token)
{
	struct stream *s = &t.streams[t.thread];
	uint64_t stack[TOKENS_MOST];
	size_t depth = 0, kept = 0;
	bool stacked = event_fields(kind) & FIELD_STACK;

	start();
	if (!s->words)
		s->words = malloc((WORDS_MOST + EVENT_WORDS_MAX) * sizeof *s->words);
	if (s->n_words >= WORDS_MOST)
		stream_write(t.thread);
	for (size_t i = t.n; stacked && i-- > first_token;)
		stack[depth++] = frame_address(t.tokens[i]);
	while (kept < depth && kept < s->depth && stack[kept] == s->stack[kept])
		kept++;
	s->words[s->n_words++] = event_head(kind, flags, stacked ? (uint32_t)kept : 0,
					    stacked ? (uint32_t)(depth - kept) : 0);
	for (size_t i = 0; i < n_fields; i++)
		s->words[s->n_words++] = fields[i];
	s->stamped |= kind == EVENT_CLOCK_ON;
	if (s->stamped) {
		s->words[s->n_words++] = t.stamp;
		s->last_stamp = t.stamp;
		s->first_stamp = s->first_stamp ? s->first_stamp : t.stamp;
		t.stamp++;
	}
	for (size_t i = kept; stacked && i < depth; i++)
		s->words[s->n_words++] = stack[i];
	if (stacked) {
		memcpy(s->stack, stack, sizeof stack);
		s->depth = depth;
	}
	if (kind == EVENT_MODULES)
		s->depth = 0;
	t.closing.allocations += kind == EVENT_ALLOC;
	t.closing.allocated_bytes += kind == EVENT_ALLOC ? fields[1] : 0;
	t.closing.frees += kind == EVENT_FREE;
}

void finish(void)
{
	uint8_t bytes[TMZ_FILE_HEADER_SIZE > CLOSING_SIZE_MAX ? TMZ_FILE_HEADER_SIZE
							      : CLOSING_SIZE_MAX];

	start();
	if (t.kill)
		journal_write();
	else
		streams_write();
	payload_write(&t.resources, CHUNK_RESOURCES);
	payload_write(&t.losses, CHUNK_LOSSES);
	payload_write(&t.perf_map, CHUNK_PERF_MAP);
	t.closing.duration_ns = t.time_ns;
	t.closing.ended_by = ENDED_BY_EXIT;
	if (!t.no_closing)
		chunk_write((struct chunk_header){.kind = CHUNK_CLOSING, .count = 1}, bytes,
			    closing_put(&t.closing, bytes));
	long end = ftell(t.out);

	if (t.torn)
		t.cut = end - t.chunks[t.n_chunks - 1] - t.torn;

	if (t.flip) {
		long at = t.chunks[t.flip - 1] + TMZ_CHUNK_HEADER_SIZE + 12;

		fseek(t.out, at, SEEK_SET);
		int byte = fgetc(t.out);

		fseek(t.out, at, SEEK_SET);
		fputc(byte ^ 0x40, t.out);
	}
	rewind(t.out);
	file_header_put(&t.header, bytes);
	fwrite(bytes, 1, TMZ_FILE_HEADER_SIZE, t.out);
	if (fflush(t.out) != 0 || (t.cut && ftruncate(fileno(t.out), end - t.cut) < 0) ||
	    fclose(t.out) != 0)
		fail("%s", strerror(errno));
}
