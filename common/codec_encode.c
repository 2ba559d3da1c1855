// SPDX-License-Identifier: MIT
/*
 * Events to columns, in one pass. Columns grow in small pieces out of one pool, so that memory is
 * touched only as far as it is used; they are put one behind the other at the end.
 *
 * What the encoder has beyond the model are two tables to find blocks and deltas by what they are.
 * When one is full, what it does not find is told anew.
 */
#include <string.h>

#include "common/bytes.h"
#include "common/codec.h"
#include "common/event.h"
#include "common/format.h"
#include "common/model.h"

#define BYTES_PER_WORD 12 /* at most, in columns; see codec_encode_size */
#define PIECE_SIZE 1024
#define HEADER_MOST (9 * VARINT_MAX + COLUMN_END * VARINT_MAX)

struct piece {
	struct piece *next;
	uint32_t used;
	uint8_t bytes[PIECE_SIZE - 12];
};

struct column {
	uint8_t *at, *end;
	struct piece *first, *last;
};

struct encoder {
	struct model model;
	struct column columns[COLUMN_END];
	struct piece *pool, *pool_end;
	uint32_t *blocks, *deltas; /* numbers; hashed by address and by content */
	unsigned blocks_bits, deltas_bits;
	uint32_t blocks_left, deltas_left;  /* entries that may still be made */
	uint32_t segments, domains, frames; /* see codec_counts */
	uint64_t stamp, values[EVENT_KIND_END];
	struct codec_summary summary;
};

/* An allocation or a free, as the model sees it. */
struct seen {
	uint64_t address, size;
	uint64_t sixteenths;
	uint32_t *slot; /* of the address in `blocks` */
	uint32_t block; /* the newest there, MODEL_NONE */
	uint32_t pushed;
	int32_t popped;
	uint8_t flags;
	const uint64_t *frames;
};

/* What is told of an event: its token, and what foretells it from now on if it can be remembered. */
struct told {
	unsigned token;
	bool kept;
	struct model_guess guess;
};

static unsigned bits_for(size_t n)
{
	unsigned bits = 6;

	while ((size_t)1 << bits < n)
		bits++;
	return bits;
}

struct sizes {
	unsigned blocks_bits, deltas_bits;
	size_t nodes, deltas, segments, model, pieces, payload, all;
};

/* A free takes 2 words at least, an allocation 3, one with frames 4. */
static struct sizes sizes_for(size_t n_words)
{
	struct sizes sizes = {
		.blocks_bits = bits_for(n_words / 3),
		.deltas_bits = bits_for(n_words / 16),
		.nodes = n_words / 2 + 1,
		.deltas = n_words / 3 + 1,
		.segments = n_words / 4 + 1,
		.pieces = n_words * BYTES_PER_WORD /
				  (sizeof((struct piece *)NULL)->bytes - VARINT_MAX) +
			  COLUMN_END + 1,
		.payload = n_words * BYTES_PER_WORD + HEADER_MOST,
	};

	sizes.model = model_size(n_words, sizes.nodes, sizes.deltas, sizes.segments);
	sizes.all = sizeof(struct encoder) + sizes.model + (sizeof(uint32_t) << sizes.blocks_bits) +
		    (sizeof(uint32_t) << sizes.deltas_bits) + sizes.pieces * sizeof(struct piece) +
		    sizes.payload;
	return sizes;
}

size_t codec_encode_size(size_t n_words)
{
	return sizes_for(n_words).all;
}

static __attribute__((noinline)) void next_piece(struct encoder *e, struct column *column)
{
	struct piece *piece = e->pool++;

	if (column->last) {
		column->last->used = (uint32_t)(column->at - column->last->bytes);
		column->last->next = piece;
	} else {
		column->first = piece;
	}
	piece->next = NULL;
	column->last = piece;
	column->at = piece->bytes;
	column->end = piece->bytes + sizeof piece->bytes - VARINT_MAX;
}

static inline uint8_t *room(struct encoder *e, enum codec_column number)
{
	struct column *column = &e->columns[number];

	if (__builtin_expect(column->at >= column->end, 0))
		next_piece(e, column);
	return column->at;
}

static inline void tell_byte(struct encoder *e, enum codec_column column, unsigned byte)
{
	*room(e, column) = (uint8_t)byte;
	e->columns[column].at++;
}

static inline void tell(struct encoder *e, enum codec_column column, uint64_t value)
{
	uint8_t *at = room(e, column);

	for (; value >= 0x80; value >>= 7)
		*at++ = (uint8_t)(value | 0x80);
	*at++ = (uint8_t)value;
	e->columns[column].at = at;
}

static inline void tell_signed(struct encoder *e, enum codec_column column, int64_t value)
{
	tell(e, column, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

/* The slot of an address: where it is, or where it would be put. */
static inline uint32_t *find_block(const struct encoder *e, uint64_t address)
{
	uint32_t mask = (1u << e->blocks_bits) - 1;
	uint32_t i = (uint32_t)(model_hash(address) >> (64 - e->blocks_bits));

	for (;; i = (i + 1) & mask) {
		uint32_t block = e->blocks[i];

		if (block == MODEL_NONE || e->model.nodes[block].address == address)
			return &e->blocks[i];
	}
}

static inline void note_block(struct encoder *e, const struct seen *seen, uint32_t block)
{
	if (*seen->slot == MODEL_NONE) {
		if (!e->blocks_left)
			return;
		e->blocks_left--;
	}
	*seen->slot = block;
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

static uint32_t *find_delta(const struct encoder *e, const struct seen *seen)
{
	uint32_t mask = (1u << e->deltas_bits) - 1, i;
	uint64_t hash = (uint64_t)(uint32_t)seen->popped << 8 | seen->flags;

	for (i = 0; i < seen->pushed; i++) {
		hash = (hash ^ seen->frames[i]) * 0x9fb21c651e98df25u;
		hash ^= hash >> 32;
	}
	i = (uint32_t)(model_hash(hash) >> (64 - e->deltas_bits));
	for (;; i = (i + 1) & mask) {
		uint32_t number = e->deltas[i];

		if (number == MODEL_NONE || is_delta(&e->model.deltas[number], seen))
			return &e->deltas[i];
	}
}

static void tell_frames(struct encoder *e, const struct seen *seen)
{
	struct model *model = &e->model;
	uint32_t kept = (uint32_t)((int64_t)model->depth - seen->popped);
	uint64_t caller = seen->popped >= 0 && kept ? model_frame(model, kept - 1) : 0;
	uint64_t base = seen->popped >= 0 ? model_frame(model, kept) : 0;

	for (uint32_t i = 0; i < seen->pushed; i++) {
		uint64_t frame = seen->frames[i], *callees = model_callees(model, caller);
		unsigned place = 0;

		while (place < MODEL_CALLEES && callees[place] != frame)
			place++;
		tell_byte(e, COLUMN_CALLEES, place);
		if (place == MODEL_CALLEES) {
			base = i && callees[0] ? callees[0] : base ? base : model->frame;
			tell_signed(e, COLUMN_FRAMES, (int64_t)(frame - base));
		}
		model_called(callees, place, frame);
		model->frame = base = caller = frame;
	}
}

/* Makes a new delta, told whole. */
static uint32_t add_delta(struct encoder *e, const struct seen *seen, uint32_t *slot)
{
	uint32_t number = e->model.n_deltas++;

	e->model.deltas[number] = (struct codec_delta){
		.frames = seen->frames,
		.pushed = seen->pushed,
		.popped = seen->popped,
		.flags = seen->flags,
	};
	if (e->deltas_left) {
		e->deltas_left--;
		*slot = number;
	}
	tell_signed(e, COLUMN_POPPED, (int64_t)seen->popped * 8 + seen->flags % 8);
	tell(e, COLUMN_PUSHED, (uint64_t)seen->pushed << 1 | (seen->flags >= 8));
	if (seen->flags >= 8)
		tell(e, COLUMN_PUSHED, seen->flags);
	tell_frames(e, seen);
	e->frames += seen->pushed;
	return number;
}

static void push(struct encoder *e, uint32_t delta)
{
	model_push(&e->model, delta);
	if (e->model.n_segments > e->segments)
		e->segments = e->model.n_segments;
}

/* Whether a way leads to where the event is. */
static inline bool leads(const struct encoder *e, const struct seen *seen, enum model_way way,
			 int32_t value, const struct model_class *class)
{
	if (model_is_address(way))
		return seen->block == MODEL_NONE &&
		       model_address(&e->model, way, value, class) == seen->address;
	return seen->block != MODEL_NONE && model_node(&e->model, way, value, class) == seen->block;
}

static inline bool foretells_alloc(const struct encoder *e, const struct model_guess *guess,
				   const struct seen *seen, const struct model_class *class)
{
	return guess->way != WAY_NONE && guess->way < WAY_RECENT && guess->size == seen->size &&
	       leads(e, seen, guess->way, guess->value, class) &&
	       is_delta(&e->model.deltas[guess->delta], seen);
}

/* How far below the top of its class's free list a block is; MODEL_RANKS if further. */
static unsigned rank(const struct model *model, uint32_t block, const struct model_class *class)
{
	uint32_t at = class->top;
	unsigned n = 0;

	for (; n < MODEL_RANKS && at != block && at != MODEL_NONE; n++)
		at = model->nodes[at].older;
	return at == block ? n : MODEL_RANKS;
}

/* Tells a difference of addresses; the odd way is the one behind the even one. */
static struct told tell_far(struct encoder *e, enum codec_column column, enum model_way way,
			    uint64_t difference)
{
	int64_t value = (int64_t)difference / 16;

	if (difference % 16) {
		tell(e, column, difference);
		return (struct told){.guess.way = way + 1};
	}
	tell_signed(e, column, value);
	return (struct told){.kept = value == (int32_t)value,
			     .guess = {.way = way, .value = (int32_t)value}};
}

static struct told tell_node(struct encoder *e, enum codec_column column, enum model_way way,
			     uint32_t difference)
{
	tell_signed(e, column, (int32_t)difference);
	return (struct told){.kept = true, .guess = {.way = way, .value = (int32_t)difference}};
}

static struct told tell_alloc_way(struct encoder *e, const struct seen *seen,
				  const struct model_class *class)
{
	static const uint8_t ways[] = {WAY_TOP, WAY_LAST, WAY_BUMP, WAY_UP, WAY_DOWN, WAY_CLASS};
	struct model *model = &e->model;

	for (unsigned i = 0; i < sizeof ways; i++)
		if (leads(e, seen, ways[i], 0, class))
			return (struct told){.kept = true, .guess.way = ways[i]};
	if (seen->block == MODEL_NONE)
		return tell_far(e, COLUMN_FARS, WAY_FAR, seen->address - model->before);
	unsigned below = rank(model, seen->block, class);

	if (below < MODEL_RANKS) {
		tell_byte(e, COLUMN_RANKS, below);
		return (struct told){.kept = true,
				     .guess = {.way = WAY_RANK, .value = (int32_t)below}};
	}
	return tell_node(e, COLUMN_REFERENCES, WAY_REFERENCE, seen->block - class->reference);
}

/* Tells an allocation that no guess foretold whole. */
static __attribute__((noinline)) struct told tell_alloc(struct encoder *e, const struct seen *seen,
							const struct model_class *class,
							const struct model_guess *recent,
							const struct model_guess *place,
							const struct model_hint *hint)
{
	struct model *model = &e->model;
	const struct model_guess *by[] = {recent, place};
	uint32_t *slot = find_delta(e, seen), delta = *slot, size = 0;
	unsigned from = delta == MODEL_NONE ? FROM_NEW : FROM_RECENT, size_from = SIZE_TOLD;

	for (; from < FROM_STACK; from++)
		if (by[from]->way != WAY_NONE && by[from]->way < WAY_RECENT &&
		    by[from]->delta == delta)
			break;
	if (from < FROM_STACK) {
		size = by[from]->size;
	} else if (from == FROM_STACK) {
		size = hint->size;
		if (hint->delta != delta + 1)
			from = FROM_NUMBER;
	}
	if (from == FROM_NUMBER)
		tell(e, COLUMN_DELTAS, delta);
	if (from == FROM_NEW)
		delta = add_delta(e, seen, slot);
	else if (from < FROM_NUMBER && size == seen->size)
		size_from = SIZE_GUESSED;
	else if (model->deltas[delta].size == seen->size)
		size_from = SIZE_OF_DELTA;
	if (size_from == SIZE_TOLD)
		tell(e, COLUMN_SIZES, seen->size);
	struct told told = tell_alloc_way(e, seen, class);

	told.kept &= seen->size <= UINT32_MAX;
	told.guess.delta = delta;
	told.guess.size = (uint32_t)seen->size;
	told.token = TOKEN_ALLOC + ((told.guess.way - 1) * FROM_END + from) * SIZE_END + size_from;
	return told;
}

/* What the event teaches the tables it was not foretold by. */
static inline void remember(struct told *told, struct model_guess *recent,
			    struct model_guess *place)
{
	if (told->token == TOKEN_RECENT)
		return;
	if (!told->kept)
		told->guess.way = WAY_NONE;
	*recent = told->guess;
	if (told->token != TOKEN_PLACE)
		*place = told->guess;
}

static inline void encode_alloc(struct encoder *e, struct seen *seen)
{
	struct model *model = &e->model;
	struct model_guess *recent = model_recent(model), *place = model_place(model);
	struct model_hint *hint = model_stack(model);
	struct told told = {.kept = true};

	seen->sixteenths = model_sixteenths(seen->size);
	struct model_class *class = &model->classes[model_class(seen->sixteenths)];

	if (foretells_alloc(e, recent, seen, class))
		told = (struct told){TOKEN_RECENT, true, *recent};
	else if (foretells_alloc(e, place, seen, class))
		told = (struct told){TOKEN_PLACE, true, *place};
	else
		told = tell_alloc(e, seen, class, recent, place, hint);
	tell_byte(e, COLUMN_TOKENS, told.token);
	enum model_way way = told.guess.way;

	remember(&told, recent, place);
	if (seen->size <= UINT32_MAX) {
		model->deltas[told.guess.delta].size = (uint32_t)seen->size;
		if (told.token > TOKEN_PLACE)
			*hint = (struct model_hint){told.guess.delta + 1, (uint32_t)seen->size};
	}
	uint32_t block = model_allocate(model, seen->address, seen->sixteenths, way, seen->block,
					told.guess.delta);

	note_block(e, seen, block);
	push(e, told.guess.delta);
	e->summary.allocations++;
	e->summary.allocated_bytes += seen->size;
}

static inline bool foretells_free(const struct encoder *e, const struct model_guess *guess,
				  const struct seen *seen)
{
	return guess->way >= WAY_RECENT && guess->delta == seen->flags &&
	       leads(e, seen, guess->way, guess->value, e->model.classes);
}

static struct told tell_free_way(struct encoder *e, const struct seen *seen)
{
	struct model *model = &e->model;

	for (enum model_way way = WAY_RECENT; way <= WAY_PREVIOUS; way++)
		if (leads(e, seen, way, 0, model->classes))
			return (struct told){.kept = true, .guess.way = way};
	if (seen->block == MODEL_NONE)
		return tell_far(e, COLUMN_OUTS, WAY_OUT, seen->address - model->out);
	if (model->nodes[seen->block].state == NODE_LIVE)
		return tell_node(e, COLUMN_DISTANCES, WAY_DISTANCE, seen->block - model->freed);
	return tell_node(e, COLUMN_REFERENCES, WAY_AGAIN, seen->block - model->again);
}

static __attribute__((noinline)) struct told tell_free(struct encoder *e, const struct seen *seen)
{
	struct told told = tell_free_way(e, seen);
	unsigned flags = !seen->flags		       ? FLAGS_NONE
			 : seen->flags == EVENT_RESIZE ? FLAGS_RESIZE
						       : FLAGS_TOLD;

	if (flags == FLAGS_TOLD)
		tell_byte(e, COLUMN_RARE, seen->flags);
	told.guess.delta = seen->flags;
	told.token = TOKEN_FREE + (told.guess.way - WAY_RECENT) * FLAGS_END + flags;
	return told;
}

static inline void encode_free(struct encoder *e, struct seen *seen)
{
	struct model *model = &e->model;
	struct model_guess *recent = model_recent(model), *place = model_place(model);
	struct told told;

	if (foretells_free(e, recent, seen))
		told = (struct told){TOKEN_RECENT, true, *recent};
	else if (foretells_free(e, place, seen))
		told = (struct told){TOKEN_PLACE, true, *place};
	else
		told = tell_free(e, seen);
	tell_byte(e, COLUMN_TOKENS, told.token);
	enum model_way way = told.guess.way;

	remember(&told, recent, place);
	note_block(e, seen, model_free(model, seen->address, way, seen->block));
	e->summary.frees++;
}

static void encode_rare(struct encoder *e, const struct raw_event *event)
{
	unsigned fields = event_fields(event->kind);

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
		model_drop_stack(&e->model);
	if (!(fields & FIELD_STACK))
		return;
	struct seen seen = {
		.pushed = event->pushed,
		.popped = (int32_t)(e->model.depth - event->kept),
		.frames = event->frames,
	};
	uint32_t *slot = find_delta(e, &seen), delta = *slot;

	tell(e, COLUMN_RARE, delta == MODEL_NONE ? e->model.n_deltas : delta);
	push(e, delta == MODEL_NONE ? add_delta(e, &seen, slot) : delta);
}

static inline void encode_event(struct encoder *e, const struct raw_event *event, bool stamped)
{
	if (stamped) {
		tell(e, COLUMN_STAMPS, event->stamp - e->stamp);
		if (!e->summary.first_stamp)
			e->summary.first_stamp = event->stamp;
		e->stamp = event->stamp;
	}
	e->summary.events++;
	if (event->kind != EVENT_ALLOC && event->kind != EVENT_FREE) {
		encode_rare(e, event);
		return;
	}
	struct seen seen = {
		.address = event->address,
		.size = event->size,
		.slot = find_block(e, event->address),
		.pushed = event->pushed,
		.popped = (int32_t)(e->model.depth - event->kept),
		.flags = (uint8_t)event->flags,
		.frames = event->frames,
	};

	seen.block = *seen.slot;
	if (event->kind == EVENT_ALLOC)
		encode_alloc(e, &seen);
	else
		encode_free(e, &seen);
}

static struct encoder *start(void *memory, size_t n_words, struct put *payload)
{
	struct sizes sizes = sizes_for(n_words);
	struct encoder *e = memory;
	char *at = (char *)(e + 1);

	memset(e, 0, sizeof *e);
	model_start(&e->model, at, n_words, sizes.nodes, sizes.deltas);
	at += sizes.model;
	e->pool = (struct piece *)at;
	at += sizes.pieces * sizeof *e->pool;
	e->blocks_bits = sizes.blocks_bits;
	e->deltas_bits = sizes.deltas_bits;
	e->blocks = (uint32_t *)at;
	e->deltas = e->blocks + ((size_t)1 << sizes.blocks_bits);
	e->blocks_left = (1u << sizes.blocks_bits) / 8 * 7;
	e->deltas_left = (1u << sizes.deltas_bits) / 8 * 7;
	at = (char *)(e->deltas + ((size_t)1 << sizes.deltas_bits));
	memset(e->blocks, 0xff, (size_t)(at - (char *)e->blocks));
	*payload = put_into(at, sizes.payload);
	return e;
}

/* The columns, their sizes first. */
static void put_columns(struct put *payload, struct column columns[COLUMN_END])
{
	for (unsigned i = 0; i < COLUMN_END; i++) {
		size_t size = 0;

		if (columns[i].last)
			columns[i].last->used = (uint32_t)(columns[i].at - columns[i].last->bytes);
		for (const struct piece *piece = columns[i].first; piece; piece = piece->next)
			size += piece->used;
		put_varint(payload, size);
	}
	for (unsigned i = 0; i < COLUMN_END; i++)
		for (const struct piece *piece = columns[i].first; piece; piece = piece->next)
			put_bytes(payload, piece->bytes, piece->used);
}

const uint8_t *codec_encode(const uint64_t *words, size_t n_words, bool stamped, void *memory,
			    size_t *size, struct codec_summary *summary)
{
	struct raw_words all = {.at = words, .end = words + n_words, .stamped = stamped};
	struct raw_event event;
	struct put payload;

	*summary = (struct codec_summary){0};
	if (n_words > TMZ_BLOCK_WORDS_MAX)
		return NULL;
	struct encoder *e = start(memory, n_words, &payload);
	const uint8_t *begin = payload.at;

	while (raw_next(&all, &event))
		encode_event(e, &event, all.stamped);
	if (all.bad)
		return NULL;
	e->summary.last_stamp = e->stamp;
	*summary = e->summary;
	const uint32_t counts[] = {(uint32_t)n_words, summary->events, e->model.n_nodes,
				   e->segments,	      e->domains,      e->model.n_deltas,
				   e->frames};

	for (unsigned i = 0; i < sizeof counts / sizeof *counts; i++)
		put_varint(&payload, counts[i]);
	put_columns(&payload, e->columns);
	if (payload.bad)
		return NULL;
	*size = (size_t)(payload.at - begin);
	return begin;
}
