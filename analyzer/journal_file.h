// SPDX-License-Identifier: MIT
/*
 * The journal beside a trace, PATH.live: the blocks that had not become chunks yet.
 *
 * It is copied before the trace is read, so that of a program that is still running each event is
 * in one of the two. Nothing in it is trusted.
 */
#ifndef ANALYZER_JOURNAL_FILE_H
#define ANALYZER_JOURNAL_FILE_H

#include "block.h"
#include "common/format.h"
#include "source.h"

/* A block with its events up to the first word that is none. */
struct journal_block {
	uint32_t thread, serial, tid;
	char name[17]; /* of the thread; "" not known */
	bool stamped;
	bool bad; /* more words were committed, but they are cut off or no events */
	uint64_t *words;
	struct block_sums sums;
};

struct journal_file {
	bool found; /* there is one, and it is of this trace */
	bool used;  /* a process has it open for writing: the program is still running */
	struct journal_block *blocks;
	size_t n;
	size_t bad_slots; /* that are no blocks and not empty either */
	uint64_t lost[LOSS_REASON_END];
	uint64_t stamp; /* of the clock, before the first block was copied */
	char *problem;	/* NULL, or why a journal that seems to be of this trace is not read */
};

/*
 * Opens and copies the journal of the trace that SOURCE is, opened by PATH, whose header is HEADER;
 * NULL when that is damaged: then any journal of that name is taken for its own.
 */
void journal_open(struct journal_file *journal, const char *path, const struct source *source,
		  const struct file_header *header);
/* Copies what a source holds. */
void journal_read(struct journal_file *journal, const struct source *source,
		  const struct file_header *header);
void journal_release(struct journal_file *journal);

#endif
