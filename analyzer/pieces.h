// SPDX-License-Identifier: MIT
/*
 * The chunks that the streams of events are made of, each piece once.
 */
#ifndef ANALYZER_PIECES_H
#define ANALYZER_PIECES_H

#include "reader.h"

/*
 * Those that hold events and are whole, by thread and serial; of one that is there more than once,
 * the chunk of the file. *n of them, for the caller to free.
 */
struct chunk **pieces_find(struct reader *reader, size_t *n);

/* What a stream lacks, as later pieces of it are there: `n` pieces from `serial` on. */
struct piece_gap {
	uint32_t thread, serial, n;
};

/* Damaged chunks whose header is whole are not lacking here. For the caller to free. */
struct piece_gap *pieces_missing(struct reader *reader, size_t *n);

#endif
