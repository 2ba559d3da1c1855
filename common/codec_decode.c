// SPDX-License-Identifier: MIT
/*
 * Columns to events: the mirror image of codec_encode.c. The decoder looks nothing up by address:
 * blocks and deltas are told by number, or found where the model says.
 */
#include "common/decoder.h"

#include <string.h>

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
	uint64_t size =
		decoder_get_alloc(d, from, size_from, &guess, from == FROM_RECENT ? recent : place);
	struct place where;

	if (d->bad || !decoder_get_way(d, &guess, model_class(model_sixteenths(size)), &where))
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
	if (!decoder_get_way(d, &guess, 0, &where))
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
		event->link = decoder_get_delta(d);
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

	if (!codec_counts(payload, size, &counts))
		return false;
	for (unsigned i = 0; i < CODEC_COUNTS; i++)
		get_varint(&g);
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
