// SPDX-License-Identifier: MIT
/*
 * What the two files of the encoder share: codec_encode.c has the events that a guess foretold and
 * all that goes on around, encoder_miss.c what is told when none did.
 *
 * What the encoder has beyond the model are two tables to find blocks and deltas by what they are.
 * That of the deltas may be full; what is not found is told anew, so it costs bytes.
 */
#ifndef COMMON_ENCODER_H
#define COMMON_ENCODER_H

#include "common/column.h"
#include "common/event.h"
#include "common/model.h"

struct encoder {
	struct model model;
	struct column columns[COLUMN_END];
	struct piece *pool;
	uint32_t *blocks; /* by address: numbers of nodes, 0 free */
	uint32_t *deltas; /* by content: numbers plus 1 */
	uint32_t blocks_mask, deltas_mask;
	uint32_t deltas_left; /* slots that may still be used */
	uint32_t domains, frames;
	size_t segments;
	uint64_t history;
	uint64_t stamp, values[EVENT_KIND_END];
	struct codec_summary summary;
};

/* An allocation or a free. */
struct seen {
	uint64_t address, size;
	const uint64_t *frames;
	uint32_t pushed;
	int32_t popped;
	uint32_t class;
	uint8_t flags;
	bool looked_up;
	uint32_t slot;	/* in `blocks`, once looked up */
	uint32_t block; /* the newest with this address, below MODEL_FIRST if none is known */
};

/* What is told of an event. */
struct told {
	unsigned token;
	bool kept; /* whether it may be guessed from now on */
	struct model_guess guess;
};

static inline void tell_byte(struct encoder *e, enum codec_column column, unsigned byte)
{
	column_byte(&e->columns[column], &e->pool, byte);
}

static inline void tell(struct encoder *e, enum codec_column column, uint64_t value)
{
	column_varint(&e->columns[column], &e->pool, value);
}

/* A varint with all but its first byte in the next column: they are alike among themselves. */
static inline void tell_split(struct encoder *e, enum codec_column column, uint64_t value)
{
	tell_byte(e, column, (unsigned)(value & 0x7f) | (value > 0x7f ? 0x80 : 0));
	if (value > 0x7f)
		tell(e, column + 1, value >> 7);
}

static inline uint64_t zigzag(int64_t value)
{
	return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static inline void tell_signed(struct encoder *e, enum codec_column column, int64_t value)
{
	tell(e, column, zigzag(value));
}

static inline bool is_delta(const struct codec_delta *delta, const struct seen *seen)
{
	if (delta->pushed != seen->pushed || delta->popped != seen->popped ||
	    delta->flags != seen->flags)
		return false;
	for (uint32_t i = seen->pushed; i > 0; i--)
		if (delta->frames[i - 1] != seen->frames[i - 1])
			return false;
	return true;
}

/* Finds the newest block with the address. */
void encoder_look_up(const struct encoder *e, struct seen *seen);

/* Tell an event that no guess foretold whole, but for its token. */
struct told encoder_tell_alloc(struct encoder *e, struct seen *seen,
			       const struct model_guess *recent, const struct model_guess *place);
struct told encoder_tell_free(struct encoder *e, struct seen *seen);

/* Tells by number a delta that is known, or else the number it gets and the delta. Returns it. */
uint32_t encoder_tell_delta(struct encoder *e, enum codec_column column, const struct seen *seen);

#endif
