// SPDX-License-Identifier: MIT
/*
 * Names chunks, written: what look-up addresses stand for, with each string once in a chunk.
 */
#ifndef ANALYZER_NAMES_WRITER_H
#define ANALYZER_NAMES_WRITER_H

#include "chunk_writer.h"
#include "frames.h"

#define NAMES_NO_MODULE UINT64_MAX

struct names_writer {
	struct chunk_writer *chunks;
	const struct frames *frames;
	/* Of the chunk in the making. */
	struct payload strings, records;
	uint32_t *string_numbers; /* by string id, in this chunk; 0 none yet */
	size_t n_string_numbers;
	uint64_t n_strings, n_records, address;
};

/* Borrows both. */
void names_writer_init(struct names_writer *names, struct chunk_writer *chunks,
		       const struct frames *frames);

/*
 * ADDRESS in MODULE (its id as recorded, or NAMES_NO_MODULE) is the N frames IDS, innermost first,
 * with function names as in the symbol table. PATH is the string of the module's path, which frames
 * in it need not name; STRING_NONE for none.
 */
void names_writer_put(struct names_writer *names, uint64_t module, uint32_t path, uint64_t address,
		      const uint32_t *ids, size_t n);

/* Writes what there is and releases everything. */
void names_writer_end(struct names_writer *names);

#endif
