// SPDX-License-Identifier: MIT
/*
 * Events to columns, in one pass.
 */
#include "common/encoder.h"

#include <string.h>

#include "common/format.h"

#define AHEAD 6		  /* events that go by while a slot comes from memory */
#define BYTES_PER_WORD 12 /* in columns, at most; see tests/unit/test_codec.c */
#define HEADER_MOST ((6 + COLUMN_END) * VARINT_MAX)

static unsigned bits_for(size_t n)
{
	unsigned bits = 6;

	while ((size_t)1 << bits < n)
		bits++;
	return bits;
}

struct sizes {
	struct model_sizes model;
	size_t blocks, deltas, pieces, payload, all;
};

/*
 * A free takes 2 words at least, an allocation 3, one with frames 4. All blocks get a slot, an eighth
 * of the slots staying free: readers rely on it that a free of a block of the chunk is told as one.
 */
static struct sizes sizes_for(size_t n_words)
{
	struct sizes sizes = {
		.model =
			{
				.words = n_words,
				.nodes = n_words / 2 + 1,
				.deltas = n_words / 3 + 1,
				.pushes = n_words / 2 + 1,
				.segments = n_words / 4 + 1,
			},
		.blocks = (size_t)1 << bits_for((n_words / 2 + 1) * 8 / 7),
		.deltas = (size_t)1 << bits_for(n_words / 16),
		.pieces = n_words * BYTES_PER_WORD / PIECE_FULL + COLUMN_END + 1,
		.payload = n_words * BYTES_PER_WORD + HEADER_MOST,
	};

	sizes.all = sizeof(struct encoder) + model_size(&sizes.model) +
		    (sizes.blocks + sizes.deltas) * sizeof(uint32_t) +
		    sizes.pieces * sizeof(struct piece) + sizes.payload;
	return sizes;
}

size_t codec_encode_size(size_t n_words)
{
	return sizes_for(n_words).all;
}

/* Makes `block` what is found at the address. */
static inline void note_block(struct encoder *e, const struct seen *seen, uint32_t block)
{
	e->blocks[seen->slot] = block;
	e->model.nodes[block].own = seen->slot;
}

/* Whether a way leads to where the event is. */
static inline __attribute__((always_inline)) bool leads(const struct encoder *e, struct seen *seen,
							enum model_way way, int32_t value)
{
	if (model_is_address(way)) {
		if (model_address(&e->model, way, value, seen->class) != seen->address)
			return false;
		if (!seen->looked_up)
			encoder_look_up(e, seen);
		return !seen->block;
	}
	uint32_t block = model_node(&e->model, way, value, seen->class);

	if (block < MODEL_FIRST || e->model.nodes[block].address != seen->address)
		return false;
	seen->block = block;
	return true;
}

static inline __attribute__((always_inline)) bool
foretells_alloc(const struct encoder *e, const struct model_guess *guess, struct seen *seen)
{
	return model_is_alloc(guess) && guess->size == seen->size &&
	       is_delta(&e->model.deltas[guess->delta], seen) &&
	       leads(e, seen, guess->way, guess->value);
}

/* Teaches the tables that did not foretell the event. */
static inline void remember(const struct told *told, struct model_guess *recent,
			    struct model_guess *place)
{
	struct model_guess guess = told->guess;

	if (told->token == TOKEN_RECENT)
		return;
	if (!told->kept)
		guess.way = WAY_NONE;
	*recent = guess;
	if (told->token != TOKEN_PLACE)
		*place = guess;
}

static inline void encode_alloc(struct encoder *e, struct seen *seen)
{
	struct model *model = &e->model;
	struct model_guess *recent = model_recent(model, e->history), *place = model_place(model);
	uint64_t sixteenths = model_sixteenths(seen->size);
	struct told told = {.kept = true};

	seen->class = model_class(sixteenths);
	if (foretells_alloc(e, recent, seen)) {
		told.token = TOKEN_RECENT;
		told.guess = *recent;
	} else if (foretells_alloc(e, place, seen)) {
		told.token = TOKEN_PLACE;
		told.guess = *place;
	} else {
		told = encoder_tell_alloc(e, seen, recent, place);
	}
	tell_byte(e, COLUMN_TOKENS, told.token);
	remember(&told, recent, place);
	if (seen->block) {
		seen->slot = model->nodes[seen->block].own;
		model_take(model, told.guess.way, seen->block, seen->class);
	}
	uint32_t block = model_allocate(model, seen->address, sixteenths, told.guess.delta);

	note_block(e, seen, block);
	model_push(model, told.guess.delta);
	e->history = model_allocated(e->history, told.guess.delta);
	e->summary.allocations++;
	e->summary.allocated_bytes += seen->size;
}

static inline __attribute__((always_inline)) bool
foretells_free(const struct encoder *e, const struct model_guess *guess, struct seen *seen)
{
	return guess->way >= WAY_RECENT && guess->delta == seen->flags &&
	       leads(e, seen, guess->way, guess->value);
}

static inline void encode_free(struct encoder *e, struct seen *seen)
{
	struct model *model = &e->model;
	struct model_guess *recent = model_recent(model, e->history), *place = model_place(model);
	struct told told = {.kept = true};

	if (foretells_free(e, recent, seen)) {
		told.token = TOKEN_RECENT;
		told.guess = *recent;
	} else if (foretells_free(e, place, seen)) {
		told.token = TOKEN_PLACE;
		told.guess = *place;
	} else {
		told = encoder_tell_free(e, seen);
	}
	tell_byte(e, COLUMN_TOKENS, told.token);
	remember(&told, recent, place);
	if (seen->block)
		model_free(model, told.guess.way, seen->block);
	else
		note_block(e, seen, model_free_out(model, seen->address));
	e->history = model_freed(e->history, told.guess.way);
	e->summary.frees++;
}

static void encode_rare(struct encoder *e, const struct raw_event *event)
{
	unsigned fields = event_fields(event->kind);
	struct model *model = &e->model;

	e->summary.others += event_counts(event->kind);
	tell_byte(e, COLUMN_TOKENS, TOKEN_RARE);
	tell_byte(e, COLUMN_RARE, event->kind | (event->flags ? 0x80 : 0));
	if (event->flags)
		tell_byte(e, COLUMN_RARE, event->flags);
	if (fields & (FIELD_ADDRESS | FIELD_VALUE)) {
		tell_signed(e, COLUMN_RARE, (int64_t)(event->address - e->values[event->kind]));
		e->values[event->kind] = event->address;
	}
	if (fields & FIELD_SIZE)
		tell(e, COLUMN_RARE, event->size);
	if (fields & FIELD_DOMAIN) {
		tell(e, COLUMN_RARE, event->domain);
		e->domains++;
	}
	if (event->kind == EVENT_MODULES)
		model_drop_stack(model);
	if (!(fields & FIELD_STACK))
		return;
	struct seen seen = {
		.pushed = event->pushed,
		.popped = (int32_t)(model->depth - event->kept),
		.frames = event->frames,
	};

	model_push(model, encoder_tell_delta(e, COLUMN_RARE, &seen));
}

static void tell_stamp(struct encoder *e, uint64_t stamp)
{
	tell_split(e, COLUMN_STAMPS, stamp - e->stamp);
	if (!e->summary.first_stamp)
		e->summary.first_stamp = stamp;
	e->stamp = stamp;
}

/*
 * Asks memory for the slot of a later event's address, and goes on to the event behind it. Rare
 * kinds may make it look where no event begins: then it asks for what nobody needs.
 */
static inline const uint64_t *look_ahead(const struct encoder *e, const uint64_t *at,
					 const uint64_t *end, bool stamped)
{
	if (at + 3 >= end)
		return end;
	__builtin_prefetch(&e->blocks[(uint32_t)(model_hash(at[1]) >> 32) & e->blocks_mask]);
	return at + 2 + stamped +
	       ((*at & 0xff) == EVENT_ALLOC ? 1 + (*at >> (16 + EVENT_FIELD_BITS)) : 0);
}

/* All events; false if the words are none. The two kinds that matter are read here. */
static bool encode_events(struct encoder *e, struct raw_words words)
{
	const uint64_t *ahead = words.at;
	struct raw_event event;

	for (int i = 0; i < AHEAD; i++)
		ahead = look_ahead(e, ahead, words.end, words.stamped);
	while (words.at != words.end) {
		const uint64_t *at = words.at;
		uint64_t head = *at;
		size_t pushed = head >> (16 + EVENT_FIELD_BITS), left = (size_t)(words.end - at);
		bool stamped = words.stamped;

		ahead = look_ahead(e, ahead, words.end, stamped);
		e->summary.events++;
		if ((head & 0xff) == EVENT_FREE && left >= 2u + stamped) {
			struct seen seen = {.address = at[1], .flags = (uint8_t)(head >> 8)};

			if (stamped)
				tell_stamp(e, at[2]);
			encode_free(e, &seen);
			words.at = at + 2 + stamped;
		} else if ((head & 0xff) == EVENT_ALLOC && left >= 3 + pushed + stamped) {
			uint32_t kept = (uint32_t)(head >> 16) & ((1u << EVENT_FIELD_BITS) - 1);
			struct seen seen = {
				.address = at[1],
				.size = at[2],
				.pushed = (uint32_t)pushed,
				.popped = (int32_t)(e->model.depth - kept),
				.flags = (uint8_t)(head >> 8),
				.frames = at + 3 + stamped,
			};

			if (stamped)
				tell_stamp(e, at[3]);
			encode_alloc(e, &seen);
			words.at = seen.frames + pushed;
		} else {
			if (!raw_next(&words, &event))
				return false;
			if (words.stamped)
				tell_stamp(e, event.stamp);
			encode_rare(e, &event);
		}
	}
	return true;
}

static struct encoder *start(void *memory, size_t n_words, struct put *payload)
{
	struct sizes sizes = sizes_for(n_words);
	struct encoder *e = memory;
	char *at = (char *)(e + 1);

	memset(e, 0, sizeof *e);
	model_start(&e->model, at, &sizes.model);
	at += model_size(&sizes.model);
	e->pool = (struct piece *)at;
	at += sizes.pieces * sizeof *e->pool;
	e->segments = sizes.model.segments;
	e->blocks = (uint32_t *)at;
	e->deltas = e->blocks + sizes.blocks;
	e->blocks_mask = (uint32_t)sizes.blocks - 1;
	e->deltas_mask = (uint32_t)sizes.deltas - 1;
	e->deltas_left = (uint32_t)(sizes.deltas / 8 * 7);
	at = (char *)(e->deltas + sizes.deltas);
	memset(e->blocks, 0, (size_t)(at - (char *)e->blocks));
	*payload = put_into(at, sizes.payload);
	return e;
}

const uint8_t *codec_encode(const uint64_t *words, size_t n_words, bool stamped, void *memory,
			    size_t *size, struct codec_summary *summary)
{
	struct raw_words all = {.at = words, .end = words + n_words, .stamped = stamped};
	struct put payload;

	*summary = (struct codec_summary){0};
	if (n_words > TMZ_BLOCK_WORDS_MAX)
		return NULL;
	struct encoder *e = start(memory, n_words, &payload);
	const uint8_t *begin = payload.at;

	if (!encode_events(e, all))
		return NULL;
	e->summary.last_stamp = e->stamp;
	const uint32_t counts[] = {(uint32_t)n_words, e->summary.events, e->model.segments_most,
				   e->domains,	      e->model.n_deltas, e->frames};

	for (unsigned i = 0; i < sizeof counts / sizeof *counts; i++)
		put_varint(&payload, counts[i]);
	for (unsigned i = 0; i < COLUMN_END; i++)
		put_varint(&payload, column_size(&e->columns[i]));
	e->summary.parts[0] = (size_t)(payload.at - begin);
	for (unsigned i = 0; i < COLUMN_END; i++) {
		column_put(&payload, &e->columns[i]);
		e->summary.parts[1 + i] = column_size(&e->columns[i]);
	}
	if (payload.bad)
		return NULL;
	*size = (size_t)(payload.at - begin);
	*summary = e->summary;
	return begin;
}
