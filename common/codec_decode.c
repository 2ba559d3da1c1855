// SPDX-License-Identifier: MIT
/*
 * Columns to events: the mirror image of codec_encode.c. The decoder looks nothing up by address:
 * blocks and deltas are told by number, or found where the model says.
 */
#include <string.h>

#include "common/bytes.h"
#include "common/codec.h"
#include "common/event.h"
#include "common/format.h"
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

static bool get_counts(struct get *g, struct codec_counts *counts)
{
	uint32_t *const all[] = {&counts->words,   &counts->events, &counts->segments,
				 &counts->domains, &counts->deltas, &counts->frames};
	uint64_t most = TMZ_BLOCK_WORDS_MAX;

	for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
		uint64_t n = get_varint(g);

		if (n > most)
			g->bad = true;
		*all[i] = g->bad ? 0 : (uint32_t)n;
		most = counts->words;
	}
	return !g->bad;
}

bool codec_counts(const uint8_t *payload, size_t size, struct codec_counts *counts)
{
	struct get g = get_from(payload, size);

	/* Every event has a token. */
	return get_counts(&g, counts) && counts->events <= get_left(&g) &&
	       counts->segments <= counts->events && counts->domains <= counts->events &&
	       counts->deltas <= counts->events;
}

static struct model_sizes sizes_for(const struct codec_counts *counts)
{
	return (struct model_sizes){
		.words = counts->words,
		.nodes = counts->events,
		.deltas = counts->deltas,
		.pushes = counts->events,
		.segments = counts->segments,
	};
}

size_t codec_decode_size(const struct codec_counts *counts)
{
	struct model_sizes sizes = sizes_for(counts);

	return sizeof(struct decoder) + counts->events * sizeof(struct codec_event) +
	       ((size_t)counts->domains + counts->frames) * sizeof(uint64_t) + model_size(&sizes);
}

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

/* A number that adds to another one. */
static inline int32_t small(struct decoder *d, int64_t value)
{
	if (value != (int32_t)value)
		d->bad = true;
	return (int32_t)value;
}

static void get_frames(struct decoder *d, uint64_t *frames, uint32_t pushed, int32_t popped)
{
	struct model *model = &d->model;
	uint32_t kept = model->depth - (uint32_t)popped;
	uint64_t caller = 0, base = 0;

	if (!model_settle(model, d->counts.segments))
		d->bad = true;
	if (popped >= 0) {
		caller = model_frame(model, kept - 1);
		base = model_frame(model, kept);
	}
	for (uint32_t i = 0; i < pushed; i++) {
		uint64_t *callees = model_callees(model, caller), frame;
		unsigned place = get_number(d, COLUMN_CALLEES, MODEL_CALLEES + 1);

		if (place < MODEL_CALLEES) {
			frame = callees[place];
		} else {
			base = i && callees[0] ? callees[0] : base ? base : model->frame;
			frame = base + (uint64_t)unzigzag(get_split(d, COLUMN_FRAMES));
		}
		model_called(callees, place, frame);
		frames[i] = model->frame = base = caller = frame;
	}
}

/* Whether the current stack can change so. */
static inline bool fits(const struct decoder *d, int64_t popped)
{
	return (uint64_t)((int64_t)d->model.depth - popped) < 1 << EVENT_FIELD_BITS;
}

static uint32_t get_delta(struct decoder *d)
{
	struct model *model = &d->model;
	int64_t popped = get_zigzag(&d->columns[COLUMN_POPPED]);
	uint64_t first = get_varint(&d->columns[COLUMN_PUSHED]), pushed = first >> 1;
	uint8_t flags = first & 1 ? (uint8_t)get_number(d, COLUMN_PUSHED, 256) : 0;

	if (d->bad || model->n_deltas == d->counts.deltas ||
	    pushed > d->counts.frames - d->n_frames || !fits(d, popped)) {
		d->bad = true;
		return 0;
	}
	uint64_t *frames = d->frames + d->n_frames;

	d->n_frames += (uint32_t)pushed;
	get_frames(d, frames, (uint32_t)pushed, (int32_t)popped);
	model->deltas[model->n_deltas] = (struct codec_delta){
		.frames = frames,
		.pushed = (uint32_t)pushed,
		.popped = (int32_t)popped,
		.flags = flags,
	};
	return model->n_deltas++;
}

/* False if the delta cannot be where it stands. */
static inline bool push(struct decoder *d, uint32_t number)
{
	const struct codec_delta *delta = &d->model.deltas[number];

	d->n_words += delta->pushed;
	if (!fits(d, delta->popped))
		return false;
	model_push(&d->model, number);
	return true;
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
static bool get_way(struct decoder *d, struct model_guess *guess, uint32_t class,
		    struct place *where)
{
	enum codec_column far = guess->way >= WAY_RECENT ? COLUMN_OUTS : COLUMN_FARS;
	int64_t sixteenths;

	*where = (struct place){.address = model_base(&d->model, guess->way, class)};
	switch (guess->way) {
	case WAY_RANK:
		guess->value = (int32_t)get_number(d, COLUMN_RANKS, MODEL_RANKS);
		break;
	case WAY_REFERENCE:
	case WAY_AGAIN:
		guess->value = small(d, unzigzag(get_split(d, COLUMN_REFERENCES)));
		break;
	case WAY_DISTANCE:
		guess->value = small(d, get_zigzag(&d->columns[COLUMN_DISTANCES]));
		break;
	case WAY_FAR:
	case WAY_OUT:
		sixteenths = unzigzag(get_split(d, far));
		where->address += (uint64_t)sixteenths * 16;
		guess->value = (int32_t)sixteenths;
		if (guess->value != sixteenths)
			guess->way = WAY_NONE;
		return true;
	case WAY_ODD:
	case WAY_OUT_ODD:
		where->address += get_split(d, far);
		guess->way = WAY_NONE;
		return true;
	default:
		break;
	}
	return lead(d, guess, class, where);
}

/* The delta and the size of an allocation whose token tells where they are from. */
static uint64_t get_alloc(struct decoder *d, unsigned from, unsigned size_from,
			  struct model_guess *guess, const struct model_guess *told_by)
{
	struct model *model = &d->model;
	const struct model_hint *hint = model_pair(model);
	uint64_t size = 0;

	switch (from) {
	case FROM_RECENT:
	case FROM_PLACE:
		d->bad |= !model_is_alloc(told_by);
		guess->delta = told_by->delta;
		size = told_by->size;
		break;
	case FROM_PAIR:
		guess->delta = hint->delta - 1;
		size = hint->size;
		break;
	case FROM_NUMBER:
		guess->delta = get_number(d, COLUMN_DELTAS, model->n_deltas);
		break;
	default:
		guess->delta = get_delta(d);
		break;
	}
	d->bad |= guess->delta >= model->n_deltas;
	if (d->bad)
		return 0;
	if (size_from == SIZE_TOLD)
		size = get_varint(&d->columns[COLUMN_SIZES]);
	else if (size_from == SIZE_OF_DELTA)
		size = model->deltas[guess->delta].size;
	return size;
}

/* What happens where the event is found to be. */
static inline __attribute__((always_inline)) bool allocate(struct decoder *d, enum model_way way,
							   const struct model_guess *guess,
							   uint64_t size, const struct place *where,
							   struct codec_event *event)
{
	struct model *model = &d->model;
	uint64_t sixteenths = model_sixteenths(size);

	event->address = where->address;
	event->size = size;
	event->link = guess->delta;
	event->kind = EVENT_ALLOC;
	event->flags = model->deltas[guess->delta].flags;
	if (where->block)
		model_take(model, way, where->block, model_class(sixteenths));
	uint32_t block = model_allocate(model, where->address, sixteenths, guess->delta);

	model->nodes[block].own = d->n_allocations++;
	d->n_words += 3;
	return push(d, guess->delta);
}

static inline __attribute__((always_inline)) void release(struct decoder *d, enum model_way way,
							  unsigned flags, const struct place *where,
							  struct codec_event *event)
{
	struct model *model = &d->model;

	event->address = where->address;
	event->size = 0;
	event->link = CODEC_NONE;
	event->kind = EVENT_FREE;
	event->flags = (uint8_t)flags;
	d->n_words += 2;
	if (!where->block) {
		model_free_out(model, where->address);
		return;
	}
	if (way != WAY_AGAIN)
		event->link = model->nodes[where->block].own;
	model_free(model, way, where->block);
}

/* An event that a guess foretold whole. */
static inline __attribute__((always_inline)) bool decode_guess(struct decoder *d,
							       const struct model_guess *guess,
							       uint64_t *history,
							       struct codec_event *event)
{
	struct place where;

	if (model_is_alloc(guess)) {
		uint32_t class = model_class(model_sixteenths(guess->size));

		*history = model_allocated(*history, guess->delta);
		return lead(d, guess, class, &where) &&
		       allocate(d, guess->way, guess, guess->size, &where, event);
	}
	*history = model_freed(*history, guess->way);
	if (guess->way == WAY_NONE || !lead(d, guess, 0, &where))
		return false;
	release(d, guess->way, guess->delta, &where, event);
	return true;
}

static bool decode_alloc(struct decoder *d, unsigned token, uint64_t *history,
			 struct codec_event *event)
{
	struct model *model = &d->model;
	struct model_guess *recent = model_recent(model, *history), *place = model_place(model);
	struct model_hint *hint = model_pair(model);
	unsigned size_from = (token - TOKEN_ALLOC) % SIZE_END;
	unsigned from = (token - TOKEN_ALLOC) / SIZE_END % FROM_END;
	enum model_way way = (token - TOKEN_ALLOC) / (SIZE_END * FROM_END) + 1;
	struct model_guess guess = {.way = way};
	uint64_t size = get_alloc(d, from, size_from, &guess, from == FROM_RECENT ? recent : place);
	struct place where;

	if (d->bad || !get_way(d, &guess, model_class(model_sixteenths(size)), &where))
		return false;
	guess.size = (uint32_t)size;
	if (size > UINT32_MAX) {
		guess.way = WAY_NONE;
	} else {
		*hint = (struct model_hint){guess.delta + 1, guess.size};
		model->deltas[guess.delta].size = guess.size;
	}
	*recent = *place = guess;
	*history = model_allocated(*history, guess.delta);
	return allocate(d, way, &guess, size, &where, event);
}

static bool decode_free(struct decoder *d, unsigned token, uint64_t *history,
			struct codec_event *event)
{
	struct model_guess *recent = model_recent(&d->model, *history);
	struct model_guess *place = model_place(&d->model);
	unsigned flags = (token - TOKEN_FREE) % FLAGS_END;
	enum model_way way = (token - TOKEN_FREE) / FLAGS_END + WAY_RECENT;
	struct model_guess guess = {.way = way};
	struct place where;

	if (flags == FLAGS_RESIZE)
		guess.delta = EVENT_RESIZE;
	else if (flags == FLAGS_TOLD)
		guess.delta = (uint32_t)get_fixed(&d->columns[COLUMN_RARE], 1);
	if (!get_way(d, &guess, 0, &where))
		return false;
	*recent = *place = guess;
	*history = model_freed(*history, way);
	release(d, way, guess.delta, &where, event);
	return true;
}

static bool decode_rare(struct decoder *d, bool *stamped, struct codec_event *event)
{
	struct get *rare = &d->columns[COLUMN_RARE];
	unsigned kind = (unsigned)get_fixed(rare, 1), fields;

	*event = (struct codec_event){.link = CODEC_NONE};
	if (kind & 0x80)
		event->flags = (uint8_t)get_fixed(rare, 1);
	kind &= 0x7f;
	fields = event_fields(kind);
	if (!kind || kind >= EVENT_KIND_END || kind == EVENT_ALLOC || kind == EVENT_FREE)
		return false;
	event->kind = (uint8_t)kind;
	if (fields & (FIELD_ADDRESS | FIELD_VALUE))
		event->address = d->values[kind] += (uint64_t)get_zigzag(rare);
	if (fields & FIELD_SIZE)
		event->size = get_varint(rare);
	if (fields & FIELD_DOMAIN) {
		if (d->n_domains == d->counts.domains)
			return false;
		d->domains[d->n_domains++] = get_varint(rare);
	}
	d->n_words += 1u + !!(fields & (FIELD_ADDRESS | FIELD_VALUE)) + !!(fields & FIELD_SIZE) +
		      !!(fields & FIELD_DOMAIN);
	if (kind == EVENT_MODULES)
		model_drop_stack(&d->model);
	*stamped |= kind == EVENT_CLOCK_ON;
	if (!(fields & FIELD_STACK))
		return true;
	event->link = get_number(d, COLUMN_RARE, d->model.n_deltas + 1);
	if (event->link == d->model.n_deltas)
		event->link = get_delta(d);
	return !d->bad && push(d, event->link);
}

/* All events; one token each. */
static bool decode_events(struct decoder *d, bool stamped)
{
	const uint8_t *tokens = d->columns[COLUMN_TOKENS].at;
	struct codec_event *event = d->events, *end = event + d->counts.events;
	uint64_t history = 0;
	bool good = true;

	for (; good && event < end; event++) {
		unsigned token = *tokens++;

		if (token == TOKEN_RECENT) {
			good = decode_guess(d, model_recent(&d->model, history), &history, event);
		} else if (token == TOKEN_PLACE) {
			struct model_guess *recent = model_recent(&d->model, history);

			*recent = *model_place(&d->model);
			good = decode_guess(d, recent, &history, event);
		} else if (token < TOKEN_FREE) {
			good = decode_alloc(d, token, &history, event);
		} else if (token < TOKEN_RARE) {
			good = decode_free(d, token, &history, event);
		} else {
			good = token == TOKEN_RARE && decode_rare(d, &stamped, event);
		}
		event->stamp = 0;
		if (stamped) {
			event->stamp = d->stamp += get_split(d, COLUMN_STAMPS);
			d->n_words++;
		}
	}
	d->columns[COLUMN_TOKENS].at = tokens;
	return good;
}

static bool split_columns(struct get *payload, struct get columns[COLUMN_END])
{
	uint64_t sizes[COLUMN_END];

	for (unsigned i = 0; i < COLUMN_END; i++)
		sizes[i] = get_varint(payload);
	for (unsigned i = 0; i < COLUMN_END; i++) {
		if (sizes[i] > get_left(payload))
			return false;
		columns[i] = get_from(payload->at, (size_t)sizes[i]);
		payload->at += sizes[i];
	}
	return !payload->bad && get_left(payload) == 0;
}

static struct decoder *start(const struct codec_counts *counts, void *memory)
{
	struct decoder *d = memory;
	char *at = (char *)(d + 1);

	memset(d, 0, sizeof *d);
	d->counts = *counts;
	d->events = (struct codec_event *)at;
	at += counts->events * sizeof *d->events;
	d->domains = (uint64_t *)at;
	d->frames = d->domains + counts->domains;
	at = (char *)(d->frames + counts->frames);
	struct model_sizes sizes = sizes_for(counts);

	model_start(&d->model, at, &sizes);
	return d;
}

/* Whether all that was promised came, and no more. */
static bool is_used_up(const struct decoder *d)
{
	for (unsigned i = 0; i < COLUMN_END; i++)
		if (d->columns[i].bad || get_left(&d->columns[i]))
			return false;
	return !d->bad && d->n_words == d->counts.words && d->n_domains == d->counts.domains &&
	       d->model.n_deltas == d->counts.deltas && d->n_frames == d->counts.frames;
}

bool codec_decode(const uint8_t *payload, size_t size, bool stamped, void *memory,
		  struct codec_chunk *chunk)
{
	struct get g = get_from(payload, size);
	struct codec_counts counts;

	if (!codec_counts(payload, size, &counts) || !get_counts(&g, &counts))
		return false;
	struct decoder *d = start(&counts, memory);

	if (!split_columns(&g, d->columns) || get_left(&d->columns[COLUMN_TOKENS]) != counts.events)
		return false;
	if (!decode_events(d, stamped))
		return false;
	*chunk = (struct codec_chunk){
		.counts = counts,
		.events = d->events,
		.deltas = d->model.deltas,
		.domains = d->domains,
	};
	return is_used_up(d);
}

void codec_words(const struct codec_chunk *chunk, bool stamped, uint64_t *words)
{
	const uint64_t *domains = chunk->domains;
	uint32_t depth = 0;

	for (uint32_t i = 0; i < chunk->counts.events; i++) {
		const struct codec_event *event = &chunk->events[i];
		unsigned fields = event_fields(event->kind);
		const struct codec_delta *delta = NULL;
		uint32_t kept = 0, pushed = 0;

		if (fields & FIELD_STACK) {
			delta = &chunk->deltas[event->link];
			kept = (uint32_t)((int64_t)depth - delta->popped);
			pushed = delta->pushed;
			depth = (kept < depth ? kept : depth) + pushed;
		}
		if (event->kind == EVENT_MODULES)
			depth = 0;
		if (event->kind == EVENT_CLOCK_ON)
			stamped = true;
		*words++ = event_head((enum event_kind)event->kind, event->flags, kept, pushed);
		if (fields & (FIELD_ADDRESS | FIELD_VALUE))
			*words++ = event->address;
		if (fields & FIELD_SIZE)
			*words++ = event->size;
		if (fields & FIELD_DOMAIN)
			*words++ = *domains++;
		if (stamped)
			*words++ = event->stamp;
		if (pushed)
			memcpy(words, delta->frames, pushed * sizeof *words);
		words += pushed;
	}
}
