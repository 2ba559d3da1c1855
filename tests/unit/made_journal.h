// SPDX-License-Identifier: MIT
/*
 * Journals made in memory, slot by slot, for tests of what reads them.
 */
#ifndef TESTS_UNIT_MADE_JOURNAL_H
#define TESTS_UNIT_MADE_JOURNAL_H

#include "analyzer/trace.h"
#include "common/journal.h"
#include "tests/unit/made_trace.h"

#define MADE_SLOT_SIZE 8192
#define MADE_SLOTS 4

struct made_journal {
	_Alignas(8) uint8_t bytes[JOURNAL_HEADER_SIZE + MADE_SLOTS * MADE_SLOT_SIZE];
};

/* Of the traces that made_begin begins, whose identity is 0. */
void made_journal_begin(struct made_journal *journal);
/* The header's checksum, after changes. */
void made_journal_seal(struct made_journal *journal);
struct journal_header *made_journal_header(struct made_journal *journal);
struct journal_slot *made_journal_slot(struct made_journal *journal, unsigned slot);
/* The words of the open block of MADE, which stays open, into a slot. */
void made_journal_block(struct made_journal *journal, unsigned slot, const struct made *made);

/* Opens bytes of a trace with SIZE bytes of a journal; NULL: none. Fails the test if it cannot. */
struct trace *made_open_journal(const void *bytes, size_t size, const void *journal,
				size_t journal_size);

#endif
