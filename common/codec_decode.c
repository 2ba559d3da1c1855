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
	uint32_t n_frames, n_domains;
	uint64_t n_words;
	uint64_t stamp, values[EVENT_KIND_END];
	bool stamped;
	bool bad;
};

static bool get_counts(struct get *g, struct codec_counts *counts)
{
	uint32_t *const all[] = {&counts->words,    &counts->events,  &counts->nodes,
				 &counts->segments, &counts->domains, &counts->deltas,
				 &counts->frames};
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
	       counts->nodes <= counts->events && counts->segments <= counts->events &&
	       counts->domains <= counts->events && counts->deltas <= counts->events;
}

size_t codec_decode_size(const struct codec_counts *counts)
{
	return sizeof(struct decoder) + counts->events * sizeof(struct codec_event) +
	       ((size_t)counts->domains + counts->frames) * sizeof(uint64_t) +
	       model_size(counts->words, counts->nodes, counts->deltas, counts->segments);
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

/* A number that adds to another one. */
static inline int32_t get_difference(struct decoder *d, enum codec_column column)
{
	int64_t value = get_zigzag(&d->columns[column]);

	if (value != (int32_t)value)
		d->bad = true;
	return (int32_t)value;
}

static void get_frames(struct decoder *d, uint64_t *frames, uint32_t pushed, int32_t popped)
{
	struct model *model = &d->model;
	uint32_t kept = (uint32_t)((int64_t)model->depth - popped);
	uint64_t caller = popped >= 0 && kept ? model_frame(model, kept - 1) : 0;
	uint64_t base = popped >= 0 ? model_frame(model, kept) : 0;

	for (uint32_t i = 0; i < pushed; i++) {
		uint64_t *callees = model_callees(model, caller), frame;
		unsigned place = get_number(d, COLUMN_CALLEES, MODEL_CALLEES + 1);

		if (place < MODEL_CALLEES) {
			frame = callees[place];
		} else {
			base = i && callees[0] ? callees[0] : base ? base : model->frame;
			frame = base + (uint64_t)get_zigzag(&d->columns[COLUMN_FRAMES]);
		}
		model_called(callees, place, frame);
		frames[i] = model->frame = base = caller = frame;
	}
}

static inline bool kept_fits(const struct decoder *d, int64_t popped)
{
	int64_t kept = (int64_t)d->model.depth - popped;

	return kept >= 0 && kept < 1 << EVENT_FIELD_BITS;
}

static uint32_t get_delta(struct decoder *d)
{
	int64_t first = get_zigzag(&d->columns[COLUMN_POPPED]), popped = first >> 3;
	uint64_t second = get_varint(&d->columns[COLUMN_PUSHED]), pushed = second >> 1;
	unsigned flags = (unsigned)first & 7;
	struct model *model = &d->model;

	if (second & 1)
		flags = get_number(d, COLUMN_PUSHED, 256);
	if (d->bad || d->columns[COLUMN_PUSHED].bad || model->n_deltas == d->counts.deltas ||
	    pushed > d->counts.frames - d->n_frames || !kept_fits(d, popped)) {
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
		.flags = (uint8_t)flags,
	};
	return model->n_deltas++;
}

/* False if the delta cannot be where it stands. */
static inline bool push(struct decoder *d, uint32_t number)
{
	const struct codec_delta *delta = &d->model.deltas[number];

	d->n_words += delta->pushed;
	if (d->n_words > d->counts.words || !kept_fits(d, delta->popped))
		return false;
	model_push(&d->model, number);
	return d->model.n_segments <= d->counts.segments;
}

/*
 * Where an event is, by its guess: its block, MODEL_NONE for none, and its address. False: there is
 * no such block.
 */
static inline bool lead(const struct decoder *d, const struct model_guess *guess,
			const struct model_class *class, uint32_t *block, uint64_t *address)
{
	*block = MODEL_NONE;
	if (model_is_address(guess->way)) {
		*address = model_address(&d->model, guess->way, guess->value, class);
		return true;
	}
	*block = model_node(&d->model, guess->way, guess->value, class);
	if (*block == MODEL_NONE)
		return false;
	*address = d->model.nodes[*block].address;
	return true;
}

/* The same for a way that is told, with what the columns have for it. */
static bool get_way(struct decoder *d, struct model_guess *guess, const struct model_class *class,
		    uint32_t *block, uint64_t *address)
{
	bool out = guess->way >= WAY_RECENT;
	struct get *far = &d->columns[out ? COLUMN_OUTS : COLUMN_FARS];
	int64_t sixteenths;

	*block = MODEL_NONE;
	*address = out ? d->model.out : d->model.before;
	switch (guess->way) {
	case WAY_RANK:
		guess->value = (int32_t)get_number(d, COLUMN_RANKS, MODEL_RANKS);
		break;
	case WAY_REFERENCE:
	case WAY_AGAIN:
		guess->value = get_difference(d, COLUMN_REFERENCES);
		break;
	case WAY_DISTANCE:
		guess->value = get_difference(d, COLUMN_DISTANCES);
		break;
	case WAY_FAR:
	case WAY_OUT:
		sixteenths = get_zigzag(far);
		*address += (uint64_t)sixteenths * 16;
		guess->value = (int32_t)sixteenths;
		if (guess->value != sixteenths)
			guess->way = WAY_NONE;
		return true;
	case WAY_ODD:
	case WAY_OUT_ODD:
		*address += get_varint(far);
		guess->way = WAY_NONE;
		return true;
	default:
		break;
	}
	return lead(d, guess, class, block, address);
}

static inline void remember(unsigned token, const struct model_guess *guess,
			    struct model_guess *recent, struct model_guess *place)
{
	if (token == TOKEN_RECENT)
		return;
	*recent = *guess;
	if (token != TOKEN_PLACE)
		*place = *guess;
}

static inline bool is_alloc(const struct model_guess *guess)
{
	return guess->way != WAY_NONE && guess->way < WAY_RECENT;
}

/* The delta and the size of an allocation whose token tells where they are from. */
static uint64_t get_alloc(struct decoder *d, unsigned from, unsigned size_from,
			  struct model_guess *guess, const struct model_guess *told_by,
			  const struct model_hint *hint)
{
	struct model *model = &d->model;
	uint64_t size = 0;

	switch (from) {
	case FROM_RECENT:
	case FROM_PLACE:
		d->bad |= !is_alloc(told_by);
		guess->delta = told_by->delta;
		size = told_by->size;
		break;
	case FROM_STACK:
		d->bad |= !hint->delta;
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

static inline bool decode_alloc(struct decoder *d, unsigned token, struct model_guess *recent,
				struct model_guess *place, struct codec_event *event)
{
	struct model *model = &d->model;
	struct model_hint *hint = model_stack(model);
	struct model_guess guess;
	struct model_class *class;
	uint64_t size, sixteenths, address;
	uint32_t block;
	enum model_way way;

	if (token <= TOKEN_PLACE) {
		guess = token == TOKEN_RECENT ? *recent : *place;
		size = guess.size;
		sixteenths = model_sixteenths(size);
		class = &model->classes[model_class(sixteenths)];
		way = guess.way;
		if (!lead(d, &guess, class, &block, &address))
			return false;
	} else {
		unsigned size_from = (token - TOKEN_ALLOC) % SIZE_END;
		unsigned from = (token - TOKEN_ALLOC) / SIZE_END % FROM_END;

		way = (token - TOKEN_ALLOC) / (SIZE_END * FROM_END) + 1;
		guess = (struct model_guess){.way = way};
		size = get_alloc(d, from, size_from, &guess, from == FROM_RECENT ? recent : place,
				 hint);
		sixteenths = model_sixteenths(size);
		class = &model->classes[model_class(sixteenths)];
		if (d->bad || !get_way(d, &guess, class, &block, &address))
			return false;
		guess.size = (uint32_t)size;
		if (size > UINT32_MAX)
			guess.way = WAY_NONE;
		else
			*hint = (struct model_hint){guess.delta + 1, (uint32_t)size};
	}
	remember(token, &guess, recent, place);
	struct codec_delta *delta = &model->deltas[guess.delta];

	if (size <= UINT32_MAX)
		delta->size = (uint32_t)size;
	if (model->n_nodes == d->counts.nodes)
		return false;
	model_allocate(model, address, sixteenths, way, block, guess.delta);
	d->n_words += 3;
	event->kind = EVENT_ALLOC;
	event->flags = delta->flags;
	event->address = address;
	event->size = size;
	event->link = guess.delta;
	return push(d, guess.delta);
}

static inline bool decode_free(struct decoder *d, unsigned token, struct model_guess *recent,
			       struct model_guess *place, struct codec_event *event)
{
	struct model *model = &d->model;
	struct model_guess guess;
	uint64_t address;
	uint32_t block;
	enum model_way way;

	if (token <= TOKEN_PLACE) {
		guess = token == TOKEN_RECENT ? *recent : *place;
		way = guess.way;
		if (!lead(d, &guess, model->classes, &block, &address))
			return false;
	} else {
		unsigned flags = (token - TOKEN_FREE) % FLAGS_END;

		way = (token - TOKEN_FREE) / FLAGS_END + WAY_RECENT;
		guess = (struct model_guess){.way = way};
		if (flags == FLAGS_RESIZE)
			guess.delta = EVENT_RESIZE;
		else if (flags == FLAGS_TOLD)
			guess.delta = (uint32_t)get_fixed(&d->columns[COLUMN_RARE], 1);
		if (!get_way(d, &guess, model->classes, &block, &address))
			return false;
	}
	remember(token, &guess, recent, place);
	event->kind = EVENT_FREE;
	event->flags = (uint8_t)guess.delta;
	event->address = address;
	event->size = 0;
	event->link = CODEC_NONE;
	if (block == MODEL_NONE) {
		if (model->n_nodes == d->counts.nodes)
			return false;
	} else if (model->nodes[block].state == NODE_LIVE) {
		event->link = model->nodes[block].allocation;
	}
	model_free(model, address, way, block);
	d->n_words += 2;
	return true;
}

static bool decode_rare(struct decoder *d, struct codec_event *event)
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
	d->n_words += 1 + !!(fields & (FIELD_ADDRESS | FIELD_VALUE)) + !!(fields & FIELD_SIZE) +
		      !!(fields & FIELD_DOMAIN);
	if (kind == EVENT_MODULES)
		model_drop_stack(&d->model);
	if (kind == EVENT_CLOCK_ON)
		d->stamped = true;
	if (!(fields & FIELD_STACK))
		return true;
	event->link = get_number(d, COLUMN_RARE, d->model.n_deltas + 1);
	if (event->link == d->model.n_deltas && !d->bad)
		event->link = get_delta(d);
	return !d->bad && push(d, event->link);
}

static inline bool decode_event(struct decoder *d, struct codec_event *event)
{
	struct model_guess *recent = model_recent(&d->model), *place = model_place(&d->model);
	unsigned token = *d->columns[COLUMN_TOKENS].at++;
	bool good;

	if (token <= TOKEN_PLACE) {
		const struct model_guess *guess = token == TOKEN_RECENT ? recent : place;

		if (is_alloc(guess))
			good = decode_alloc(d, token, recent, place, event);
		else
			good = guess->way != WAY_NONE &&
			       decode_free(d, token, recent, place, event);
	} else if (token < TOKEN_FREE) {
		good = decode_alloc(d, token, recent, place, event);
	} else if (token < TOKEN_RARE) {
		good = decode_free(d, token, recent, place, event);
	} else {
		good = token == TOKEN_RARE && decode_rare(d, event);
	}
	event->stamp = 0;
	if (d->stamped) {
		d->stamp += get_varint(&d->columns[COLUMN_STAMPS]);
		event->stamp = d->stamp;
		d->n_words++;
	}
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
	model_start(&d->model, at, counts->words, counts->nodes, counts->deltas);
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

	d->stamped = stamped;
	if (!split_columns(&g, d->columns) || get_left(&d->columns[COLUMN_TOKENS]) != counts.events)
		return false;
	for (uint32_t i = 0; i < counts.events; i++)
		if (!decode_event(d, &d->events[i]))
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
