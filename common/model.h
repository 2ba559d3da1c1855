// SPDX-License-Identifier: MIT
/*
 * The model that both sides of the codec run: what it has seen of a chunk and what it guesses next.
 *
 * Everything here is fixed by the format: man/tmz.5, section "The model", says the same in words.
 * A guess that is wrong costs bytes, never exactness. All memory is given by the caller; contents
 * of tables are numbers that this file itself has put there, so none is ever out of range.
 */
#ifndef COMMON_MODEL_H
#define COMMON_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/codec.h"
#include "common/token.h"

#define MODEL_CLASSES 256
#define MODEL_RANKS 16	/* how deep a free list is looked into */
#define MODEL_CALLEES 4 /* addresses remembered of what a frame called */
#define MODEL_FREES_MOST 15
#define MODEL_NO_DELTA UINT32_MAX

/* An event foretold whole. A free has its flags in `delta` and no size. */
struct model_guess {
	uint32_t delta, size;
	int32_t value;
	uint32_t way;
};

/* The delta, plus 1, and size of an allocation, foretold from the two deltas before. */
struct model_hint {
	uint32_t delta, size;
};

enum node_state { NODE_GONE, NODE_LIVE, NODE_FREE };

/*
 * An allocation of the chunk, or a block from before it that was freed; numbered as they come. Live
 * blocks are in a ring, and so are the free ones of each class. Node 0 holds the ring of the live
 * ones, the MODEL_CLASSES after it those of the classes, so a number below MODEL_FIRST is none.
 */
struct model_node {
	uint64_t address;
	uint32_t newer, older;
	uint32_t own; /* for the user of the model */
	uint8_t class, state;
};

#define MODEL_FIRST (1 + MODEL_CLASSES)

struct model_class {
	uint64_t end; /* behind the last allocation */
	uint32_t up, down, reference;
};

/* Frames of the current stack that one delta pushed; those of the newest one may be cut off. */
struct model_segment {
	uint32_t start, delta;
};

struct model {
	struct model_guess *recent, *place;
	struct model_hint *pair;
	uint64_t (*callees)[MODEL_CALLEES];
	unsigned shift; /* 64 less log2 of the entries of the first three */
	struct model_node *nodes;
	struct codec_delta *deltas;
	uint32_t n_nodes, n_deltas;

	uint32_t cursor; /* live block older than the one freed last */
	uint32_t freed;	 /* live block that was freed last */
	uint32_t last;	 /* block that was freed last, if it still is free */
	uint32_t again;
	uint64_t end; /* behind the last allocation */
	uint64_t out; /* address of the last block from before the chunk that was freed */

	uint64_t history; /* the events before */
	uint32_t last_delta, delta_before, frees;

	uint32_t depth; /* of the current stack */
	uint64_t frame; /* the last one told */
	struct model_segment *segments;
	uint32_t *
		pushes; /* deltas that are not yet in the segments, MODEL_NO_DELTA: an empty stack */
	uint32_t n_segments, n_pushes, segments_most, segments_depth;
	struct model_class classes[MODEL_CLASSES];
};

/*
 * Bytes that the model needs for a chunk of at most so many words, blocks, deltas, changes of the
 * stack, and segments at once.
 */
struct model_sizes {
	size_t words, nodes, deltas, pushes, segments;
};
size_t model_size(const struct model_sizes *sizes);
/* Starts a chunk in that much memory, aligned to 8 bytes. */
void model_start(struct model *model, void *memory, const struct model_sizes *sizes);

/*
 * Brings the segments up to date, for model_frame. False if there are more than sizes.segments,
 * which only happens in a damaged chunk.
 */
bool model_settle(struct model *model, size_t segments);
/* The frame at `depth` of the settled stack, counted from the outermost; 0 if it has none. */
uint64_t model_frame(const struct model *model, uint32_t depth);

static inline uint64_t model_hash(uint64_t x)
{
	return x * 0x9e3779b97f4a7c15u;
}

static inline struct model_guess *model_recent(const struct model *model, uint64_t history)
{
	return &model->recent[model_hash(history) >> model->shift];
}

static inline struct model_guess *model_place(const struct model *model)
{
	return &model->place[model_hash((uint64_t)model->last_delta << 4 | model->frees) >>
			     model->shift];
}

static inline struct model_hint *model_pair(const struct model *model)
{
	return &model->pair[model_hash((uint64_t)model->last_delta << 32 | model->delta_before) >>
			    model->shift];
}

static inline uint64_t *model_callees(const struct model *model, uint64_t caller)
{
	return model->callees[model_hash(caller) >> (model->shift + 2)];
}

/* Makes ADDRESS the first of the callees; PLACE is where it was, or MODEL_CALLEES. */
static inline void model_called(uint64_t callees[MODEL_CALLEES], unsigned place, uint64_t address)
{
	for (unsigned i = place < MODEL_CALLEES ? place : MODEL_CALLEES - 1; i > 0; i--)
		callees[i] = callees[i - 1];
	callees[0] = address;
}

/* Bytes that a block of that size takes in the heap, in sixteenths. */
static inline uint64_t model_sixteenths(uint64_t size)
{
	uint64_t n = (size + 23) / 16;

	return n < 2 ? 2 : n;
}

static inline uint32_t model_class(uint64_t sixteenths)
{
	return sixteenths % MODEL_CLASSES;
}

static inline bool model_is_alloc(const struct model_guess *guess)
{
	return guess->way - 1 < WAYS_ALLOC;
}

/* Whether a way tells an address instead of a block. */
static inline bool model_is_address(enum model_way way)
{
	return 1u << way & (1u << WAY_BUMP | 1u << WAY_CLASS | 1u << WAY_FAR | 1u << WAY_ODD |
			    1u << WAY_OUT | 1u << WAY_OUT_ODD);
}

/* A block that is told by its number, if it may be. */
static inline uint32_t model_numbered(const struct model *model, uint32_t base, int32_t value,
				      unsigned states)
{
	uint32_t node = base + (uint32_t)value;

	return node >= MODEL_FIRST && node < model->n_nodes &&
			       1u << model->nodes[node].state & states
		       ? node
		       : 0;
}

/* The block that a way points to; below MODEL_FIRST if there is none. */
static inline __attribute__((always_inline)) uint32_t
model_node(const struct model *model, enum model_way way, int32_t value, uint32_t class)
{
	const struct model_class *of = &model->classes[class];
	uint32_t node;

	switch (way) {
	case WAY_TOP:
		return model->nodes[1 + class].older;
	case WAY_UP:
		return of->up;
	case WAY_DOWN:
		return of->down;
	case WAY_LAST:
		return model->last;
	case WAY_RANK:
		node = model->nodes[1 + class].older;
		for (int32_t i = 0; i < value && node >= MODEL_FIRST; i++)
			node = model->nodes[node].older;
		return node;
	case WAY_REFERENCE:
		return model_numbered(model, of->reference, value,
				      1u << NODE_LIVE | 1u << NODE_FREE);
	case WAY_RECENT:
		return model->nodes[0].older;
	case WAY_NEXT:
		return model->nodes[model->cursor].newer;
	case WAY_PREVIOUS:
		return model->cursor;
	case WAY_DISTANCE:
		return model_numbered(model, model->freed, value, 1u << NODE_LIVE);
	case WAY_AGAIN:
		return model_numbered(model, model->again, value, 1u << NODE_FREE);
	default:
		return 0;
	}
}

/* What the far and the out ways count from. */
static inline uint64_t model_base(const struct model *model, enum model_way way, uint32_t class)
{
	uint64_t end = model->classes[class].end;

	if (way >= WAY_RECENT)
		return model->out;
	return end ? end : model->end;
}

/* The address that such a way tells; the odd ones are never guessed. */
static inline uint64_t model_address(const struct model *model, enum model_way way, int32_t value,
				     uint32_t class)
{
	switch (way) {
	case WAY_BUMP:
		return model->end;
	case WAY_CLASS:
		return model->classes[class].end;
	default:
		return model_base(model, way, class) + (uint64_t)value * 16;
	}
}

static inline void model_unlink(struct model *model, const struct model_node *node)
{
	model->nodes[node->newer].older = node->older;
	model->nodes[node->older].newer = node->newer;
}

/* Makes a node the newest of a ring. */
static inline void model_link(struct model *model, uint32_t ring, uint32_t number)
{
	uint32_t older = model->nodes[ring].older;

	model->nodes[number].newer = ring;
	model->nodes[number].older = older;
	model->nodes[older].newer = number;
	model->nodes[ring].older = number;
}

static inline void model_unlink_free(struct model *model, const struct model_node *node)
{
	model->classes[node->class].up = node->newer;
	model->classes[node->class].down = node->older;
	model_unlink(model, node);
}

/* Takes a block away in whose place an allocation is. */
static inline void model_take(struct model *model, enum model_way way, uint32_t number,
			      uint32_t class)
{
	struct model_node *node = &model->nodes[number];
	bool live = false;

	if (__builtin_expect(way == WAY_REFERENCE, 0)) {
		model->classes[class].reference = number;
		live = node->state == NODE_LIVE;
	}
	node->state = NODE_GONE;
	if (__builtin_expect(live, 0)) {
		if (model->cursor == number)
			model->cursor = node->older;
		model_unlink(model, node);
		return;
	}
	model_unlink_free(model, node);
	model->last = model->last == number ? 0 : model->last;
}

/* Adds a new allocation, and its delta. Returns its number. */
static inline uint32_t model_allocate(struct model *model, uint64_t address, uint64_t sixteenths,
				      uint32_t delta)
{
	uint32_t number = model->n_nodes++, class = model_class(sixteenths);
	struct model_node *node = &model->nodes[number];

	node->address = address;
	node->class = (uint8_t) class;
	node->state = NODE_LIVE;
	model_link(model, 0, number);
	model->classes[class].end = model->end = address + sixteenths * 16;
	model->frees = 0;
	model->delta_before = model->last_delta;
	model->last_delta = delta;
	return number;
}

/* Frees the block that a way points to. */
static inline void model_free(struct model *model, enum model_way way, uint32_t number)
{
	struct model_node *node = &model->nodes[number];

	if (way == WAY_AGAIN) {
		model_unlink_free(model, node);
		model->again = number;
	} else {
		model->cursor = node->older;
		model->freed = number;
		model_unlink(model, node);
		node->state = NODE_FREE;
	}
	model_link(model, 1u + node->class, number);
	model->last = number;
	model->frees += model->frees < MODEL_FREES_MOST;
}

/* Frees a block from before the chunk. Returns its number. */
static inline uint32_t model_free_out(struct model *model, uint64_t address)
{
	uint32_t number = model->n_nodes++;
	struct model_node *node = &model->nodes[number];

	node->address = address;
	node->class = 0;
	node->state = NODE_FREE;
	model_link(model, 1, number);
	model->out = address;
	model->last = number;
	model->frees += model->frees < MODEL_FREES_MOST;
	return number;
}

/* The history after an event: of an allocation the delta, of a free the way. */
static inline uint64_t model_allocated(uint64_t history, uint32_t delta)
{
	return history << 21 ^ (uint64_t)delta << 1;
}

static inline uint64_t model_freed(uint64_t history, enum model_way way)
{
	return history << 21 ^ (uint64_t)(way << 1 | 1);
}

/* The current stack changes by a delta, which must not pop more frames than there are. */
static inline void model_push(struct model *model, uint32_t number)
{
	const struct codec_delta *delta = &model->deltas[number];
	int32_t popped = delta->popped > 0 ? delta->popped : 0;

	model->depth += delta->pushed - (uint32_t)popped;
	model->pushes[model->n_pushes++] = number;
}

static inline void model_drop_stack(struct model *model)
{
	model->depth = 0;
	model->pushes[model->n_pushes++] = MODEL_NO_DELTA;
}

#endif
