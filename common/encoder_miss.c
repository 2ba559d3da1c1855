// SPDX-License-Identifier: MIT
/*
 * What is told of events that no guess foretold: by the shortest way that leads there.
 */
#include "common/encoder.h"

/* Finds the newest block with the address. */
void encoder_look_up(const struct encoder *e, struct seen *seen)
{
	const struct model_node *nodes = e->model.nodes;
	uint32_t slot = (uint32_t)(model_hash(seen->address) >> 32) & e->blocks_mask;

	while (e->blocks[slot] && nodes[e->blocks[slot]].address != seen->address)
		slot = (slot + 1) & e->blocks_mask;
	seen->looked_up = true;
	seen->slot = slot;
	seen->block = e->blocks[slot];
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

/* Tells the delta of an allocation; *size becomes the one that stands where the delta was found. */
static enum model_from tell_delta(struct encoder *e, const struct seen *seen,
				  const struct model_guess *recent, const struct model_guess *place,
				  uint32_t *delta, uint32_t *size)
{
	const struct codec_delta *deltas = e->model.deltas;
	const struct model_hint *hint = model_pair(&e->model);

	if (model_is_alloc(recent) && is_delta(&deltas[recent->delta], seen)) {
		*delta = recent->delta;
		*size = recent->size;
		return FROM_RECENT;
	}
	if (model_is_alloc(place) && is_delta(&deltas[place->delta], seen)) {
		*delta = place->delta;
		*size = place->size;
		return FROM_PLACE;
	}
	if (hint->delta && is_delta(&deltas[hint->delta - 1], seen)) {
		*delta = hint->delta - 1;
		*size = hint->size;
		return FROM_PAIR;
	}
	uint32_t *slot = find_delta(e, seen);

	if (*slot) {
		*delta = *slot - 1;
		*size = deltas[*delta].size;
		tell(e, COLUMN_DELTAS, *delta);
		return FROM_NUMBER;
	}
	*delta = add_delta(e, seen, slot);
	*size = 0;
	return FROM_NEW;
}

struct told encoder_tell_alloc(struct encoder *e, struct seen *seen,
			       const struct model_guess *recent, const struct model_guess *place)
{
	struct model *model = &e->model;
	struct model_hint *hint = model_pair(model);
	uint32_t delta, size;
	enum model_from from = tell_delta(e, seen, recent, place, &delta, &size);
	enum model_size size_from = SIZE_TOLD;

	if (!seen->looked_up)
		encoder_look_up(e, seen);
	if (from < FROM_NUMBER && size == seen->size)
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

static struct told tell_free_way(struct encoder *e, struct seen *seen)
{
	const struct model *model = &e->model;

	if (!seen->looked_up)
		encoder_look_up(e, seen);
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

struct told encoder_tell_free(struct encoder *e, struct seen *seen)
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

uint32_t encoder_tell_delta(struct encoder *e, enum codec_column column, const struct seen *seen)
{
	uint32_t *slot = find_delta(e, seen), delta = *slot - 1;

	tell(e, column, delta == MODEL_NO_DELTA ? e->model.n_deltas : delta);
	return delta == MODEL_NO_DELTA ? add_delta(e, seen, slot) : delta;
}
