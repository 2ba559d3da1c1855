// SPDX-License-Identifier: MIT
/*
 * The columns that the encoder writes side by side. They grow in pieces out of one pool, so that
 * memory is touched only as far as it is used, and are put one behind the other at the end.
 */
#ifndef COMMON_COLUMN_H
#define COMMON_COLUMN_H

#include "common/bytes.h"

#define PIECE_SIZE 1024
#define PIECE_BYTES (PIECE_SIZE - 16)
#define PIECE_FULL (PIECE_BYTES - VARINT_MAX) /* bytes that a piece takes at least */

struct piece {
	struct piece *next;
	uint64_t used;
	uint8_t bytes[PIECE_BYTES];
};

struct column {
	uint8_t *at, *end; /* behind `end` a varint fits still */
	struct piece *first, *last;
};

/* The bytes of a column so far. */
static inline size_t column_size(const struct column *column)
{
	size_t size = 0;

	for (const struct piece *piece = column->first; piece; piece = piece->next)
		size += piece == column->last ? (size_t)(column->at - piece->bytes) : piece->used;
	return size;
}

static inline void column_put(struct put *p, const struct column *column)
{
	for (const struct piece *piece = column->first; piece; piece = piece->next)
		put_bytes(p, piece->bytes,
			  piece == column->last ? (size_t)(column->at - piece->bytes)
						: piece->used);
}

/* Goes on in a new piece of the pool. */
static __attribute__((noinline)) void column_grow(struct column *column, struct piece **pool)
{
	struct piece *piece = (*pool)++;

	if (column->last) {
		column->last->used = (uint64_t)(column->at - column->last->bytes);
		column->last->next = piece;
	} else {
		column->first = piece;
	}
	piece->next = NULL;
	column->last = piece;
	column->at = piece->bytes;
	column->end = piece->bytes + PIECE_FULL;
}

static inline void column_byte(struct column *column, struct piece **pool, unsigned byte)
{
	if (__builtin_expect(column->at >= column->end, 0))
		column_grow(column, pool);
	*column->at++ = (uint8_t)byte;
}

static inline void column_varint(struct column *column, struct piece **pool, uint64_t value)
{
	if (__builtin_expect(column->at >= column->end, 0))
		column_grow(column, pool);
	uint8_t *at = column->at;

	for (; value >= 0x80; value >>= 7)
		*at++ = (uint8_t)(value | 0x80);
	*at++ = (uint8_t)value;
	column->at = at;
}

#endif
