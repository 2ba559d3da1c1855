// SPDX-License-Identifier: MIT
/*
 * Buffers are mapped when they are first needed, and grow.
 */
#include "writer.h"

#include <string.h>

#include "clock.h"
#include "common/bytes.h"
#include "common/codec.h"
#include "common/event.h"
#include "common/hash.h"
#include "compress.h"
#include "journal.h"
#include "memory.h"
#include "stack_switch.h"

#define STACK_SIZE (64u << 10)
#define SMALL_CHUNK 1024 /* bytes below which a zstd frame is not worth its setting up */

static struct writer {
	struct sink sink;
	bool open, failed;
	uint64_t end; /* of the file */
	uint64_t lost[LOSS_REASON_END];
	uint64_t untold[LOSS_REASON_END]; /* of those, not in a losses chunk yet */
	uint64_t written_events;
	uint8_t *encoded, *packed; /* packed: a chunk header and the frame */
	size_t encoded_size, packed_size;
	char *stack;
} writer;

static void lose(enum loss_reason reason, uint64_t events)
{
	writer.lost[reason] += events;
	writer.untold[reason] += events;
	journal_tell_lost(writer.untold);
}

static int put(const void *bytes, size_t size, uint64_t offset)
{
	int result = writer.sink.put(writer.sink.arg, bytes, size, offset);

	/* A program that fills its descriptor table may empty it again. */
	if (result < 0 && result != -EMFILE && result != -ENFILE)
		writer.failed = true;
	return result;
}

static bool grow(uint8_t **buffer, size_t *size, size_t need)
{
	if (*size >= need)
		return true;
	uint8_t *old = *buffer;
	size_t old_size = *size;

	need = memory_whole_pages(need);
	*size = 0; /* first: another thread may fork between any two steps */
	*buffer = NULL;
	memory_unmap(old, old_size);
	*buffer = memory_map(need);
	*size = *buffer ? need : 0;
	return *buffer != NULL;
}

/* The frame goes behind the room for a header in `packed`. Returns its size or 0. */
static size_t pack(const uint8_t *payload, size_t size, const size_t *parts)
{
	size_t bound = compress_bound(size);

	if (!grow(&writer.packed, &writer.packed_size, TMZ_CHUNK_HEADER_SIZE + bound))
		return 0;
	return compress_payload(writer.packed + TMZ_CHUNK_HEADER_SIZE, bound, payload, size, parts);
}

/* Writes `packed`, whose header is filled in here but for kind, thread, serial, count and stamps. */
static int put_packed(struct chunk_header *header, size_t raw_size, size_t stored_size)
{
	header->raw_size = (uint32_t)raw_size;
	header->stored_size = (uint32_t)stored_size;
	header->checksum = hash_checksum(writer.packed + TMZ_CHUNK_HEADER_SIZE, stored_size);
	header->time_ns = clock_coarse();
	chunk_header_put(header, writer.packed);

	int result = put(writer.packed, TMZ_CHUNK_HEADER_SIZE + stored_size, writer.end);
	if (result == 0)
		writer.end += TMZ_CHUNK_HEADER_SIZE + stored_size;
	return result;
}

struct chunk_job {
	struct chunk_header header;
	const uint8_t *payload;
	size_t size;
	const size_t *parts; /* of the payload, CODEC_PARTS; NULL: it is all of one kind */
	const struct journal_slot *slot; /* NULL for a chunk that is no block */
	uint32_t n_counted;		 /* events of the block that are about blocks of memory */
	bool done;
};

static bool store(const uint8_t *payload, size_t size)
{
	if (!grow(&writer.packed, &writer.packed_size, TMZ_CHUNK_HEADER_SIZE + size + 8))
		return false;
	if (size)
		memcpy(writer.packed + TMZ_CHUNK_HEADER_SIZE, payload, size);
	return true;
}

static void chunk_job(void *argument)
{
	struct chunk_job *job = argument;
	size_t stored = job->size > SMALL_CHUNK ? pack(job->payload, job->size, job->parts) : 0;

	if (!stored) {
		if (!store(job->payload, job->size))
			return;
		job->header.flags |= CHUNK_STORED;
		stored = job->size;
	}
	job->done = put_packed(&job->header, job->size, stored) == 0;
}

static void block_job(void *argument)
{
	struct chunk_job *job = argument;
	const struct journal_slot *slot = job->slot;
	uint32_t n_words = block_word_count(slot->committed);
	struct codec_summary summary;

	if (!grow(&writer.encoded, &writer.encoded_size, codec_encode_size(n_words)))
		return;
	job->payload = codec_encode(slot->words, n_words, block_word_stamped(slot->committed),
				    writer.encoded, &job->size, &summary);
	job->parts = summary.parts;
	job->header.count = summary.events;
	job->n_counted = summary.allocations + summary.frees + summary.others;
	job->header.first_stamp = summary.first_stamp;
	job->header.last_stamp = summary.last_stamp;
	if (job->payload)
		chunk_job(job);
}

/* False also when there is no memory for the stack. */
static bool run(void (*work)(void *), struct chunk_job *job)
{
	if (!writer.open || writer.failed)
		return false;
	if (!writer.stack && !(writer.stack = memory_map(STACK_SIZE)))
		return false;
	stack_switch(writer.stack + STACK_SIZE, work, job);
	return job->done;
}

int writer_start(const struct sink *sink, uint64_t identity, const uint8_t *process,
		 size_t process_size)
{
	struct lock_held held = lock_take(&epoch->writer);
	struct file_header header = {.version = TMZ_VERSION, .identity = identity};
	uint8_t bytes[TMZ_FILE_HEADER_SIZE];
	struct chunk_job job = {.header = {.kind = CHUNK_PROCESS, .count = 1},
				.payload = process,
				.size = process_size};

	writer.sink = *sink;
	writer.open = true;
	writer.failed = false;
	writer.end = sizeof bytes;
	file_header_put(&header, bytes);
	int result = put(bytes, sizeof bytes, 0);

	if (result == 0 && !run(chunk_job, &job))
		result = -EIO;
	lock_give(&held);
	return result;
}

void writer_forked(void)
{
	writer.open = false;
	writer.failed = false;
	memset(writer.lost, 0, sizeof writer.lost);
	memset(writer.untold, 0, sizeof writer.untold);
	writer.written_events = 0;
	compress_forked();
}

bool writer_chunk(enum chunk_kind kind, uint32_t count, const uint8_t *payload, size_t size)
{
	struct lock_held held = lock_take(&epoch->writer);
	struct chunk_job job = {.header = {.kind = (uint8_t)kind, .count = count},
				.payload = payload,
				.size = size};

	bool failed = writer.failed, written = run(chunk_job, &job);

	/* What is much smaller may still find room. */
	if (kind == CHUNK_PERF_MAP)
		writer.failed = failed;
	lock_give(&held);
	return written;
}

uint32_t writer_count(const struct journal_slot *slot)
{
	struct raw_words words = {
		.at = slot->words,
		.end = slot->words + block_word_count(slot->committed),
		.stamped = block_word_stamped(slot->committed),
	};
	struct raw_event event;
	uint32_t n = 0;

	while (raw_next(&words, &event))
		n += event_counts(event.kind);
	return n;
}

bool writer_block(const struct journal_slot *slot)
{
	struct lock_held held = lock_take(&epoch->writer);
	struct chunk_job job = {
		.header = {.kind = CHUNK_EVENTS,
			   .flags = block_word_stamped(slot->committed) ? CHUNK_STAMPED : 0,
			   .thread = slot->thread,
			   .serial = block_word_serial(slot->committed)},
		.slot = slot,
	};

	bool written = run(block_job, &job);

	if (written)
		writer.written_events += job.n_counted;
	else
		lose(LOSS_WRITE, writer_count(slot));
	lock_give(&held);
	return written;
}

static uint64_t sum(const uint64_t counts[LOSS_REASON_END])
{
	uint64_t all = 0;

	for (unsigned reason = 0; reason < LOSS_REASON_END; reason++)
		all += counts[reason];
	return all;
}

/* A disk that was full may have room again: one more try for the chunks at the end. */
static void put_losses(void)
{
	uint8_t payload[LOSS_REASON_END * 4 * VARINT_MAX];
	struct put p = put_into(payload, sizeof payload);
	struct chunk_job job = {.header = {.kind = CHUNK_LOSSES}, .payload = payload};

	for (unsigned reason = 0; reason < LOSS_REASON_END; reason++) {
		if (!writer.untold[reason])
			continue;
		put_varint(&p, 0);
		put_varint(&p, reason);
		put_varint(&p, writer.untold[reason]);
		put_varint(&p, 0);
		job.header.count++;
	}
	if (!job.header.count)
		return;
	writer.failed = false;
	job.size = (size_t)(p.at - payload);
	if (!run(chunk_job, &job))
		return;
	memset(writer.untold, 0, sizeof writer.untold);
	journal_tell_lost(writer.untold);
}

void writer_close(struct closing *closing)
{
	struct lock_held held = lock_take(&epoch->writer);
	uint8_t payload[CLOSING_SIZE_MAX + 8] = {0};
	struct chunk_job job = {.header = {.kind = CHUNK_CLOSING, .count = 1}, .payload = payload};

	put_losses();
	closing->lost_events = sum(writer.lost);
	job.size = closing_put(closing, payload);
	job.size += -(writer.end + job.size) % 8;
	run(chunk_job, &job);
	lock_give(&held);
}

uint64_t writer_raw_block(uint32_t n_words)
{
	struct lock_held held = lock_take(&epoch->writer);
	size_t size = sizeof(struct journal_slot) + n_words * sizeof(uint64_t);
	struct chunk_header header = {
		.kind = CHUNK_RAW_BLOCK,
		.flags = CHUNK_STORED,
		.raw_size = (uint32_t)size,
		.stored_size = (uint32_t)size,
		.time_ns = clock_coarse(),
	};
	uint64_t at = 0;

	if (writer.open && !writer.failed && writer.end % 8 == 0 &&
	    grow(&writer.packed, &writer.packed_size, TMZ_CHUNK_HEADER_SIZE + size)) {
		memset(writer.packed, 0, TMZ_CHUNK_HEADER_SIZE + size);
		chunk_header_put(&header, writer.packed);
		/* Zeros are written, not left as a hole: a store into a hole of a full disk is SIGBUS. */
		if (put(writer.packed, TMZ_CHUNK_HEADER_SIZE + size, writer.end) == 0) {
			at = writer.end + TMZ_CHUNK_HEADER_SIZE;
			writer.end = at + size;
		}
	}
	lock_give(&held);
	return at;
}

void writer_lost(enum loss_reason reason, uint64_t events)
{
	struct lock_held held = lock_take(&epoch->writer);

	lose(reason, events);
	lock_give(&held);
}

uint64_t writer_lost_events(void)
{
	return sum(writer.lost);
}

bool writer_has_untold(void)
{
	return sum(writer.untold) != 0;
}

uint64_t writer_written_events(void)
{
	return writer.written_events;
}
