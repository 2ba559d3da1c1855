// SPDX-License-Identifier: MIT
/*
 * Events to columns, in one pass.
 *
 * What the encoder has beyond the model are two tables to find blocks and deltas by what they are.
 * Both may be full; what is not found is told anew, so it costs bytes.
 */
#include <string.h>

#include "common/codec.h"
#include "common/column.h"
#include "common/event.h"
#include "common/format.h"
#include "common/model.h"

#define BYTES_PER_WORD 12 /* in columns, at most; see tests/unit/test_codec.c */
#define HEADER_MOST ((6 + COLUMN_END) * VARINT_MAX)

struct encoder {
	struct model model;
	struct column columns[COLUMN_END];
	struct piece *pool;
	uint32_t
		*blocks; /* by address: numbers of nodes, 0 free; one slot more for those without */
	uint32_t *deltas; /* by content: numbers plus 1 */
	uint32_t blocks_mask, deltas_mask;
	uint32_t blocks_left, deltas_left; /* slots that may still be used */
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

/* A free takes 2 words at least, an allocation 3, one with frames 4. */
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
		.blocks = (size_t)1 << bits_for(n_words / 3),
		.deltas = (size_t)1 << bits_for(n_words / 16),
		.pieces = n_words * BYTES_PER_WORD / PIECE_FULL + COLUMN_END + 1,
		.payload = n_words * BYTES_PER_WORD + HEADER_MOST,
	};

	sizes.all = sizeof(struct encoder) + model_size(&sizes.model) +
		    (sizes.blocks + sizes.deltas + 2) * sizeof(uint32_t) +
		    sizes.pieces * sizeof(struct piece) + sizes.payload;
	return sizes;
}

size_t codec_encode_size(size_t n_words)
{
	return sizes_for(n_words).all;
}

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

/* Finds the newest block with the address. */
static __attribute__((noinline)) void look_up(const struct encoder *e, struct seen *seen)
{
	const struct model_node *nodes = e->model.nodes;
	uint32_t slot = (uint32_t)(model_hash(seen->address) >> 32) & e->blocks_mask;

	while (e->blocks[slot] && nodes[e->blocks[slot]].address != seen->address)
		slot = (slot + 1) & e->blocks_mask;
	seen->looked_up = true;
	seen->slot = slot;
	seen->block = e->blocks[slot];
}

/* Makes `block` what is found at the address. */
static inline void note_block(struct encoder *e, const struct seen *seen, uint32_t block)
{
	uint32_t slot = seen->slot;

	if (!seen->block) {
		if (e->blocks_left)
			e->blocks_left--;
		else
			slot = e->blocks_mask + 1;
	}
	e->blocks[slot] = block;
	e->model.nodes[block].own = slot;
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

/* The slot of a delta: where it is, or where it would be put. */
static uint32_t *find_delta(const struct encoder *e, const struct seen *seen)
{
	uint64_t hash = (uint64_t)(uint32_t)seen->popped << 8 | seen->flags;

	for (uint32_t i = 0; i < seen->pushed; i++) {
		hash = model_hash(hash ^ seen->frames[i]);
		hash ^= hash >> 32;
	}
	uint32_t slot = (uint32_t)(model_hash(hash) >> 32) & e->deltas_mask;

	while (e->deltas[slot] && !is_delta(&e->model.deltas[e->deltas[slot] - 1], seen))
		slot = (slot + 1) & e->deltas_mask;
	return &e->deltas[slot];
}

static void tell_frames(struct encoder *e, const struct seen *seen)
{
	struct model *model = &e->model;
	uint32_t kept = model->depth - (uint32_t)seen->popped;
	uint64_t caller = 0, base = 0;

	model_settle(model, e->segments);
	if (seen->popped >= 0) {
		caller = model_frame(model, kept - 1);
		base = model_frame(model, kept);
	}
	for (uint32_t i = 0; i < seen->pushed; i++) {
		uint64_t frame = seen->frames[i], *callees = model_callees(model, caller);
		unsigned place = 0;

		while (place < MODEL_CALLEES && callees[place] != frame)
			place++;
		tell_byte(e, COLUMN_CALLEES, place);
		if (place == MODEL_CALLEES) {
			base = i && callees[0] ? callees[0] : base ? base : model->frame;
			tell_split(e, COLUMN_FRAMES, zigzag((int64_t)(frame - base)));
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
		*slot = number + 1;
	}
	tell_signed(e, COLUMN_POPPED, seen->popped);
	tell(e, COLUMN_PUSHED, (uint64_t)seen->pushed << 1 | !!seen->flags);
	if (seen->flags)
		tell(e, COLUMN_PUSHED, seen->flags);
	tell_frames(e, seen);
	e->frames += seen->pushed;
	return number;
}

/* Whether a way leads to where the event is. */
static inline __attribute__((always_inline)) bool leads(const struct encoder *e, struct seen *seen,
							enum model_way way, int32_t value)
{
	if (model_is_address(way)) {
		if (model_address(&e->model, way, value, seen->class) != seen->address)
			return false;
		if (!seen->looked_up)
			look_up(e, seen);
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

/* Tells a difference of addresses; the odd way is the one behind the even one. */
static struct told tell_far(struct encoder *e, enum codec_column column, enum model_way way,
			    uint64_t difference)
{
	int64_t value = (int64_t)difference / 16;

	if (difference % 16) {
		tell_split(e, column, difference);
		return (struct told){.guess.way = way + 1};
	}
	tell_split(e, column, zigzag(value));
	return (struct told){.kept = value == (int32_t)value,
			     .guess = {.way = way, .value = (int32_t)value}};
}

static struct told tell_reference(struct encoder *e, enum model_way way, uint32_t difference)
{
	tell_split(e, COLUMN_REFERENCES, zigzag((int32_t)difference));
	return (struct told){.kept = true, .guess = {.way = way, .value = (int32_t)difference}};
}

/* A block in whose place the allocation is. */
static struct told tell_taken(struct encoder *e, const struct seen *seen)
{
	struct model *model = &e->model;
	const struct model_class *class = &model->classes[seen->class];
	uint32_t ring = 1 + seen->class, at = model->nodes[ring].older, below = 0;

	if (seen->block == at)
		return (struct told){.kept = true, .guess.way = WAY_TOP};
	if (seen->block == model->last)
		return (struct told){.kept = true, .guess.way = WAY_LAST};
	if (seen->block == class->up)
		return (struct told){.kept = true, .guess.way = WAY_UP};
	if (seen->block == class->down)
		return (struct told){.kept = true, .guess.way = WAY_DOWN};
	for (; below < MODEL_RANKS && at != seen->block && at != ring; below++)
		at = model->nodes[at].older;
	if (below == MODEL_RANKS || at == ring)
		return tell_reference(e, WAY_REFERENCE, seen->block - class->reference);
	tell_byte(e, COLUMN_RANKS, below);
	return (struct told){.kept = true, .guess = {.way = WAY_RANK, .value = (int32_t)below}};
}

static struct told tell_alloc_way(struct encoder *e, const struct seen *seen)
{
	struct model *model = &e->model;

	if (seen->block)
		return tell_taken(e, seen);
	if (seen->address == model->end)
		return (struct told){.kept = true, .guess.way = WAY_BUMP};
	if (seen->address == model->classes[seen->class].end)
		return (struct told){.kept = true, .guess.way = WAY_CLASS};
	return tell_far(e, COLUMN_FARS, WAY_FAR,
			seen->address - model_base(model, WAY_FAR, seen->class));
}

/* Tells an allocation that no guess foretold whole. */
static __attribute__((noinline)) struct told tell_alloc(struct encoder *e, struct seen *seen,
							const struct model_guess *recent,
							const struct model_guess *place)
{
	struct model *model = &e->model;
	struct model_hint *hint = model_pair(model);
	uint32_t *slot = find_delta(e, seen), delta = *slot - 1;
	unsigned from = FROM_NUMBER, size_from = SIZE_TOLD;
	uint64_t size = UINT64_MAX;

	if (!seen->looked_up)
		look_up(e, seen);
	if (delta == MODEL_NO_DELTA) {
		from = FROM_NEW;
		delta = add_delta(e, seen, slot);
	} else if (model_is_alloc(recent) && recent->delta == delta) {
		from = FROM_RECENT;
		size = recent->size;
	} else if (model_is_alloc(place) && place->delta == delta) {
		from = FROM_PLACE;
		size = place->size;
	} else if (hint->delta == delta + 1) {
		from = FROM_PAIR;
		size = hint->size;
	} else {
		tell(e, COLUMN_DELTAS, delta);
	}
	if (size == seen->size)
		size_from = SIZE_GUESSED;
	else if (from != FROM_NEW && model->deltas[delta].size == seen->size)
		size_from = SIZE_OF_DELTA;
	else
		tell(e, COLUMN_SIZES, seen->size);
	struct told told = tell_alloc_way(e, seen);

	told.token = TOKEN_ALLOC + ((told.guess.way - 1) * FROM_END + from) * SIZE_END + size_from;
	told.guess.delta = delta;
	told.guess.size = (uint32_t)seen->size;
	told.kept &= seen->size == told.guess.size;
	if (seen->size == told.guess.size) {
		*hint = (struct model_hint){delta + 1, told.guess.size};
		model->deltas[delta].size = told.guess.size;
	}
	return told;
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
		told = tell_alloc(e, seen, recent, place);
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

static struct told tell_free_way(struct encoder *e, struct seen *seen)
{
	const struct model *model = &e->model;

	if (!seen->looked_up)
		look_up(e, seen);
	if (!seen->block)
		return tell_far(e, COLUMN_OUTS, WAY_OUT, seen->address - model->out);
	for (enum model_way way = WAY_RECENT; way <= WAY_PREVIOUS; way++)
		if (model_node(model, way, 0, 0) == seen->block)
			return (struct told){.kept = true, .guess.way = way};
	if (model->nodes[seen->block].state == NODE_LIVE) {
		int32_t distance = (int32_t)(seen->block - model->freed);

		tell_signed(e, COLUMN_DISTANCES, distance);
		return (struct told){.kept = true,
				     .guess = {.way = WAY_DISTANCE, .value = distance}};
	}
	return tell_reference(e, WAY_AGAIN, seen->block - model->again);
}

static __attribute__((noinline)) struct told tell_free(struct encoder *e, struct seen *seen)
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
	struct model_guess *recent = model_recent(model, e->history), *place = model_place(model);
	struct told told = {.kept = true};

	if (foretells_free(e, recent, seen)) {
		told.token = TOKEN_RECENT;
		told.guess = *recent;
	} else if (foretells_free(e, place, seen)) {
		told.token = TOKEN_PLACE;
		told.guess = *place;
	} else {
		told = tell_free(e, seen);
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
	uint32_t *slot = find_delta(e, &seen), delta = *slot - 1;

	tell(e, COLUMN_RARE, delta == MODEL_NO_DELTA ? model->n_deltas : delta);
	model_push(model, delta == MODEL_NO_DELTA ? add_delta(e, &seen, slot) : delta);
}

static void tell_stamp(struct encoder *e, uint64_t stamp)
{
	tell_split(e, COLUMN_STAMPS, stamp - e->stamp);
	if (!e->summary.first_stamp)
		e->summary.first_stamp = stamp;
	e->stamp = stamp;
}

/* All events; false if the words are none. The two kinds that matter are read here. */
static bool encode_events(struct encoder *e, struct raw_words words)
{
	struct raw_event event;

	while (words.at != words.end) {
		const uint64_t *at = words.at;
		uint64_t head = *at;
		size_t pushed = head >> (16 + EVENT_FIELD_BITS), left = (size_t)(words.end - at);
		bool stamped = words.stamped;

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
	e->deltas = e->blocks + sizes.blocks + 2;
	e->blocks_mask = (uint32_t)sizes.blocks - 1;
	e->deltas_mask = (uint32_t)sizes.deltas - 1;
	e->blocks_left = (uint32_t)(sizes.blocks / 8 * 7);
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
