// SPDX-License-Identifier: MIT
/*
 * A journal of any content beside a trace that has the blocks 0 and 1 of the threads 1 and 2.
 *
 * The input: how the header is made (an odd byte: it is the next 80 bytes), the size of a slot less
 * one in words, the 48 bytes of the losses, and the slots.
 */
#include <stdlib.h>
#include <string.h>

#include "analyzer/chunk_writer.h"
#include "common/event.h"
#include "common/hash.h"
#include "common/journal.h"
#include "tests/fuzz/judged_trace.h"

#define SLOTS_MOST (64u << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct made_bytes {
	char *bytes;
	size_t size;
};

static void put_block(struct chunk_writer *writer, uint32_t thread, uint32_t serial)
{
	uint64_t words[] = {event_head(EVENT_ALLOC, 0, 0, 1), 0x1000 * thread + 64 * serial, 24,
			    0x400000};

	chunk_write_block(
		writer,
		(struct chunk_header){.kind = CHUNK_EVENTS, .thread = thread, .serial = serial},
		words, sizeof words / sizeof *words);
}

static struct made_bytes make_trace(void)
{
	struct made_bytes trace;
	struct chunk_writer writer;

	chunk_writer_init(&writer, open_memstream(&trace.bytes, &trace.size));
	for (uint32_t i = 0; i < 4; i++)
		put_block(&writer, 1 + i / 2, i % 2);
	fclose(writer.out);
	chunk_writer_release(&writer);
	return trace;
}

static void make_header(uint8_t *journal, uint8_t slot_words)
{
	struct journal_header header;

	memcpy(&header, journal, sizeof header);
	memcpy(header.magic, journal_magic, sizeof header.magic);
	header.version = TMZ_VERSION;
	header.slot_size = (uint32_t)(sizeof(struct journal_slot) + 8 * (1u + slot_words));
	header.identity = 0;
	memcpy(journal, &header, sizeof header);
	header.checksum = hash_checksum(journal, offsetof(struct journal_header, checksum));
	memcpy(journal, &header, sizeof header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t journal[JOURNAL_HEADER_SIZE + SLOTS_MOST];
	static struct made_bytes trace;
	struct journal_header header = {0};
	bool raw = size && *data % 2;
	size_t skipped = 2, head = raw ? sizeof header : sizeof header.lost;

	if (!trace.bytes)
		trace = make_trace();
	if (size < skipped + head)
		return 0;
	memset(journal, 0, sizeof journal);
	memcpy((uint8_t *)&header + sizeof header - head, data + skipped, head);
	memcpy(journal, &header, sizeof header);
	if (!raw)
		make_header(journal, data[1]);
	data += skipped + head;
	size -= skipped + head;
	size = size < SLOTS_MOST ? size : SLOTS_MOST;
	if (size)
		memcpy(journal + JOURNAL_HEADER_SIZE, data, size);
	judge_trace(trace.bytes, trace.size, journal, JOURNAL_HEADER_SIZE + size);
	return 0;
}
