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

#include "analyzer/chunk_writer.h"
#include "common/hash.h"
#include "common/journal.h"
#include "tests/fuzz/judged_trace.h"

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
	judge_trace(bytes, n, input.journal, sizeof input.journal);
	free(bytes);
	return 0;
}
