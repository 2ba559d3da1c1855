// SPDX-License-Identifier: MIT
/*
 * The journal of a recording in progress, PATH.live beside the trace PATH: the blocks that are not
 * chunks yet, in memory shared with a file, so that they outlive the process however it dies.
 *
 * The file is a page with a header and then slots of one size, one block each. man/tmz.5 is the
 * specification; this header names its numbers and says what may be read while the program writes.
 */
#ifndef COMMON_JOURNAL_H
#define COMMON_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/format.h"

#define JOURNAL_SUFFIX ".live"
#define JOURNAL_HEADER_SIZE 4096
#define JOURNAL_SLOT_SIZE (1536u << 10) /* bytes from one slot to the next; the rest is a hole */
#define JOURNAL_SLOTS_MAX 1024
#define JOURNAL_SLOT_MAGIC 0x425a4d54u /* "TMZB" */

extern const uint8_t journal_magic[8];

/* The first bytes of the file; the checksum is of the fields before it. */
struct journal_header {
	uint8_t magic[8];
	uint32_t version; /* TMZ_VERSION */
	uint32_t slot_size;
	uint64_t identity; /* of the trace, see struct file_header */
	uint32_t reserved;
	uint32_t checksum;
	uint64_t lost[LOSS_REASON_END]; /* events that no losses chunk tells of yet */
};

/*
 * A slot begins with this and goes on with raw words. The writer stores words first and then
 * `committed`, so whoever reads `committed` (acquire) may read that many words. They stay as they
 * are until `committed` has another serial: a reader of a living process copies the words, reads
 * `committed` and `thread` once more and drops the copy if either is another one.
 */
struct journal_slot {
	uint64_t committed; /* block_word: serial, stamped, number of words */
	uint32_t magic;	    /* JOURNAL_SLOT_MAGIC once the slot holds a block */
	uint32_t thread;    /* number of the stream */
	uint32_t tid;	    /* of the thread, 0 in the shared stream */
	uint32_t reserved;
	char name[16]; /* that it had when the block was begun; ends with a NUL unless it is full */
	uint64_t reserved_too[3];
	uint64_t words[];
};

/*
 * The one word that says all about a block that is being filled: which chunk of its stream it will
 * be, whether the stream was stamped before its first event, and how many words are whole events.
 */
#define BLOCK_SERIAL_MAX 0x7fffffffu

static inline uint64_t block_word(uint32_t serial, bool stamped, uint32_t n_words)
{
	return (uint64_t)stamped << 63 | (uint64_t)(serial & BLOCK_SERIAL_MAX) << 32 | n_words;
}

static inline uint32_t block_word_serial(uint64_t word)
{
	return (uint32_t)(word >> 32) & BLOCK_SERIAL_MAX;
}

static inline bool block_word_stamped(uint64_t word)
{
	return word >> 63;
}

static inline uint32_t block_word_count(uint64_t word)
{
	return (uint32_t)word;
}

#endif
