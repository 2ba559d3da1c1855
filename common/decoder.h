// SPDX-License-Identifier: MIT
/*
 * What the two files of the decoder share: codec_decode.c has the events that a guess foretold and
 * all that goes on around, decoder_miss.c what is told when none did.
 */
#ifndef COMMON_DECODER_H
#define COMMON_DECODER_H

#include "common/bytes.h"
#include "common/codec.h"
#include "common/event.h"
#include "common/model.h"

struct decoder {
	struct model model;
	struct codec_counts counts;
	struct get columns[COLUMN_END];
	struct codec_event *events;
	uint64_t *frames, *domains;
	uint32_t n_frames, n_domains, n_allocations;
	uint64_t n_words;
	uint64_t stamp, values[EVENT_KIND_END];
	bool bad;
};

/* A number that must be below `end`. */
static inline uint32_t get_number(struct decoder *d, enum codec_column column, uint32_t end)
{
	uint64_t number = get_varint(&d->columns[column]);

	if (number < end)
		return (uint32_t)number;
	d->bad = true;
	return 0;
}

/* See tell_split. */
static inline uint64_t get_split(struct decoder *d, enum codec_column column)
{
	struct get *first = &d->columns[column];

	if (first->at == first->end) {
		first->bad = true;
		return 0;
	}
	uint64_t value = *first->at++;

	return value < 0x80 ? value : (value & 0x7f) | get_varint(&d->columns[column + 1]) << 7;
}

static inline int64_t unzigzag(uint64_t value)
{
	return (int64_t)(value >> 1 ^ -(value & 1));
}

/* Whether the current stack can change so. */
static inline bool fits(const struct decoder *d, int64_t popped)
{
	return (uint64_t)((int64_t)d->model.depth - popped) < 1 << EVENT_FIELD_BITS;
}

/* Where an event is: at a block, or at an address where none is. */
struct place {
	uint32_t block; /* 0 for none */
	uint64_t address;
};

/* Where a guess leads to; false if there is no such block. */
static inline __attribute__((always_inline)) bool
lead(const struct decoder *d, const struct model_guess *guess, uint32_t class, struct place *where)
{
	if (model_is_address(guess->way)) {
		where->block = 0;
		where->address = model_address(&d->model, guess->way, guess->value, class);
		return true;
	}
	where->block = model_node(&d->model, guess->way, guess->value, class);
	where->address = d->model.nodes[where->block].address;
	return where->block >= MODEL_FIRST;
}

/* The same for a way that is told, with what the columns have for it. */
bool decoder_get_way(struct decoder *d, struct model_guess *guess, uint32_t class,
		     struct place *where);

/* The delta and, returned, the size of an allocation whose token tells where they are from. */
uint64_t decoder_get_alloc(struct decoder *d, unsigned from, unsigned size_from,
			   struct model_guess *guess, const struct model_guess *told_by);

/* A new delta; sets `bad` if it cannot be. */
uint32_t decoder_get_delta(struct decoder *d);

#endif
