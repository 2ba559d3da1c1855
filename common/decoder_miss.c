// SPDX-License-Identifier: MIT
/*
 * What the columns have of events that no guess foretold: the mirror image of encoder_miss.c.
 */
#include "common/decoder.h"

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

uint32_t decoder_get_delta(struct decoder *d)
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

bool decoder_get_way(struct decoder *d, struct model_guess *guess, uint32_t class,
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

uint64_t decoder_get_alloc(struct decoder *d, unsigned from, unsigned size_from,
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
		guess->delta = decoder_get_delta(d);
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
