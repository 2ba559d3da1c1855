// SPDX-License-Identifier: MIT
/*
 * A trace and its journal of any content: opened, replayed, verified and recovered; what comes out
 * of recovery is clean.
 *
 * The input is pieces, each with a head of 8 bytes: kind, flags, thread, serial, count, where it
 * goes, size. Headers and checksums are made here, so that what is behind them is reached: chunks,
 * blocks of the journal, or bytes that are none.
 */
#include <stdlib.h>
#include <string.h>

#include "analyzer/ancestors.h"
#include "analyzer/chunk_writer.h"
#include "analyzer/faults.h"
#include "analyzer/fork_position.h"
#include "analyzer/jit_name.h"
#include "analyzer/recover.h"
#include "analyzer/replay.h"
#include "analyzer/snapshot_file.h"
#include "analyzer/trace_private.h"
#include "common/hash.h"
#include "common/journal.h"

#define SLOT_SIZE 4096
#define SLOTS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum place { PLACE_CHUNK, PLACE_DAMAGED_CHUNK, PLACE_JOURNAL, PLACE_BYTES };

struct input {
	struct chunk_writer writer;
	uint8_t journal[JOURNAL_HEADER_SIZE + SLOTS * SLOT_SIZE];
	unsigned n_slots;
};

static void put_slot(struct input *input, const struct chunk_header *header, const uint8_t *bytes,
		     size_t size)
{
	struct journal_slot slot = {
		.committed = block_word(header->serial, header->flags & CHUNK_STAMPED,
					header->count ? header->count : (uint32_t)size / 8),
		.magic = header->kind ? JOURNAL_SLOT_MAGIC : 0x1234,
		.thread = header->thread,
		.tid = 7,
		.name = "fuzz",
	};
	uint8_t *at = input->journal + JOURNAL_HEADER_SIZE +
		      (size_t)(input->n_slots++ % SLOTS) * SLOT_SIZE;

	memcpy(at, &slot, sizeof slot);
	size = size < SLOT_SIZE - sizeof slot ? size : SLOT_SIZE - sizeof slot;
	memcpy(at + sizeof slot, bytes, size);
}

static void put_piece(struct input *input, const uint8_t head[8], const uint8_t *bytes, size_t size)
{
	struct chunk_header header = {
		.kind = head[0] % (CHUNK_KIND_END + 1),
		.flags = (head[1] & CHUNK_STAMPED) | CHUNK_STORED,
		.thread = head[2] % 4,
		.serial = head[3] % 8,
		.count = head[4],
		.raw_size = (uint32_t)size,
		.stored_size = (uint32_t)size,
		.checksum = hash_checksum(bytes, size),
	};

	switch (head[5] % 4) {
	case PLACE_DAMAGED_CHUNK:
		header.checksum++;
		chunk_copy(&input->writer, &header, bytes);
		break;
	case PLACE_JOURNAL:
		put_slot(input, &header, bytes, size);
		break;
	case PLACE_BYTES:
		fwrite(bytes, 1, size, input->writer.out);
		break;
	default:
		chunk_copy(&input->writer, &header, bytes);
	}
}

static void put_journal_header(struct input *input)
{
	struct journal_header header = {.version = TMZ_VERSION, .slot_size = SLOT_SIZE};

	memcpy(header.magic, journal_magic, sizeof header.magic);
	memcpy(input->journal, &header, sizeof header);
	header.checksum = hash_checksum(input->journal, offsetof(struct journal_header, checksum));
	memcpy(input->journal, &header, sizeof header);
}

static struct trace *open_bytes(const char *bytes, size_t size, const struct input *input)
{
	struct source source, journal = {.fd = -1};
	char *message = NULL;

	source_open_bytes(&source, bytes, size);
	if (input)
		source_open_bytes(&journal, input->journal, sizeof input->journal);
	struct trace *trace =
		trace_open_sources(&source, input ? &journal : NULL, "fuzz.tmz", &message);

	free(message);
	source_close(&journal);
	return trace;
}

static void count(void *arg, const struct replay_event *event)
{
	(void)event;
	++*(uint64_t *)arg;
}

static uint64_t events_of(struct trace *trace)
{
	uint64_t n = 0;
	char *message = NULL;

	replay_events(trace, count, &n, &message);
	return n;
}

/* Small addresses are found by few digits. */
static void ask_names(struct trace *trace)
{
	for (uint64_t address = 0; address < 1u << 12; address += 7) {
		size_t size;
		const char *text = perf_map_find(&trace->inner->perf_map, address, &size);

		if (!text)
			continue;
		struct jit_name name = jit_name_split(text, size);

		if (strlen(name.function) > size + strlen("(anonymous)"))
			abort();
		jit_name_release(&name);
	}
}

static void check(struct trace *trace)
{
	struct faults faults;
	char *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);
	uint64_t before = events_of(trace);

	ask_names(trace);
	faults_find(&faults, trace);
	faults_release(&faults);
	if (recover(trace, out)) {
		fclose(out);
		struct trace *clean = open_bytes(bytes, size, NULL);

		if (!clean || clean->warning || events_of(clean) != before || clean->warning)
			abort();
		trace_close(clean);
	} else {
		fclose(out);
	}
	free(bytes);
}

/* The trace as a child of one with the same content, forked where it says or else early. */
static void check_child(struct trace *child, struct trace *parent)
{
	static const uint8_t early[] = {1, 1, 3, 0, 2};
	struct trace_parent fork = child->inner->parent;
	struct moment moments[3];
	struct snapshot *snapshots[3];
	struct frames *frames = frames_new();
	struct replay_totals totals;
	char *message = NULL, *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	if (!fork_position_is_valid(&fork))
		fork = (struct trace_parent){.position = early, .position_size = sizeof early};
	ancestors_add(child, &fork, parent);
	ancestors_settle(child);
	moment_parse("start", &moments[0]);
	moment_parse("end", &moments[1]);
	moment_parse("peak", &moments[2]);
	if (replay(child, moments, 3, frames, NULL, snapshots, &totals, NULL, NULL, &message) < 0)
		abort();
	if (totals.start_count != snapshots[0]->n_traces)
		abort();
	if (snapshot_save(snapshots[0], child, out, &message) < 0)
		abort();
	for (size_t i = 0; i < 3; i++)
		snapshot_free(snapshots[i]);
	frames_free(frames);
	fclose(out);
	free(bytes);
	trace_close(child);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct input input;
	char *bytes = NULL;
	size_t n;

	memset(&input, 0, sizeof input);
	put_journal_header(&input);
	chunk_writer_init(&input.writer, open_memstream(&bytes, &n));
	while (size >= 8) {
		size_t length = data[6] | (size_t)data[7] << 8;

		length = length < size - 8 ? length : size - 8;
		put_piece(&input, data, data + 8, length);
		data += 8 + length;
		size -= 8 + length;
	}
	fclose(input.writer.out);
	chunk_writer_release(&input.writer);
	struct trace *trace = open_bytes(bytes, n, &input);

	if (trace)
		check(trace);
	if (trace && !trace->process.snapshot)
		check_child(open_bytes(bytes, n, &input), open_bytes(bytes, n, &input));
	trace_close(trace);
	free(bytes);
	return 0;
}
