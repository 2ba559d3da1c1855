// SPDX-License-Identifier: MIT
/*
 * Journals made in memory.
 */
#include "tests/unit/made_journal.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/trace_private.h"
#include "common/hash.h"
#include "tests/test.h"

struct journal_header *made_journal_header(struct made_journal *journal)
{
	return (struct journal_header *)journal->bytes;
}

struct journal_slot *made_journal_slot(struct made_journal *journal, unsigned slot)
{
	return (struct journal_slot *)(journal->bytes + JOURNAL_HEADER_SIZE +
				       (size_t)slot * MADE_SLOT_SIZE);
}

void made_journal_seal(struct made_journal *journal)
{
	made_journal_header(journal)->checksum =
		hash_checksum(journal->bytes, offsetof(struct journal_header, checksum));
}

void made_journal_begin(struct made_journal *journal)
{
	struct journal_header *header = made_journal_header(journal);

	memset(journal, 0, sizeof *journal);
	memcpy(header->magic, journal_magic, sizeof header->magic);
	header->version = TMZ_VERSION;
	header->slot_size = MADE_SLOT_SIZE;
	made_journal_seal(journal);
}

void made_journal_block(struct made_journal *journal, unsigned slot, const struct made *made)
{
	struct journal_slot *to = made_journal_slot(journal, slot);

	if (!CHECK(made->n * 8 <= MADE_SLOT_SIZE - sizeof *to))
		abort();
	memset(to, 0, MADE_SLOT_SIZE);
	to->magic = JOURNAL_SLOT_MAGIC;
	to->thread = made->thread;
	to->tid = made->thread + 100;
	memcpy(to->name, "worker", 7);
	if (made->n)
		memcpy(to->words, made->words, made->n * 8);
	to->committed = block_word(made->serial, made->stamped, (uint32_t)made->n);
}

struct trace *made_open_journal(const void *bytes, size_t size, const void *journal,
				size_t journal_size)
{
	struct source source, beside = {.fd = -1};
	char *message = NULL;

	source_open_bytes(&source, bytes, size);
	if (journal)
		source_open_bytes(&beside, journal, journal_size);
	struct trace *trace =
		trace_open_sources(&source, journal ? &beside : NULL, "made.tmz", &message);

	source_close(&beside);
	if (!trace) {
		CHECK_STR(message, NULL);
		free(message);
		abort();
	}
	return trace;
}
