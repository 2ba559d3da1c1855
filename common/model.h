// SPDX-License-Identifier: MIT
/*
 * The model that both sides of the codec run: what it has seen of a chunk and what it guesses next.
 *
 * Everything here is fixed by the format: man/tmz.5, section "The model", says the same in words.
 * A guess that is wrong costs bytes, never exactness. All memory is given by the caller; contents
 * of tables are indices that this file itself has put there, so none is ever out of range.
 */
#ifndef COMMON_MODEL_H
#define COMMON_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec.h"

#define MODEL_NONE UINT32_MAX
#define MODEL_CLASSES 256
#define MODEL_RANKS 16	/* how deep a free list is looked into */
#define MODEL_CALLEES 4 /* addresses remembered for what a frame calls */
#define MODEL_FREES_MOST 15

/* How an address is told. */
enum model_way {
	WAY_NONE,
	/* Allocations. */
	WAY_TOP,       /* the block of its size class that was freed last */
	WAY_UP,	       /* the one freed after the one that was taken last from the class */
	WAY_DOWN,      /* the one freed before it */
	WAY_LAST,      /* the block freed last, whatever its size */
	WAY_BUMP,      /* right behind the allocation before */
	WAY_CLASS,     /* right behind the allocation before of this size class */
	WAY_RANK,      /* value: that many below the top of its size class */
	WAY_REFERENCE, /* value: number of a block less that of the last such of the class */
	WAY_FAR,       /* value: sixteenths of the difference to the allocation before */
	WAY_ODD,       /* the same for a difference that is no multiple of 16 */
	/* Frees. */
	WAY_RECENT,   /* the newest live block */
	WAY_NEXT,     /* the live block after the one that was freed last */
	WAY_PREVIOUS, /* the one before it */
	WAY_DISTANCE, /* value: number of a block less that of the one freed last */
	WAY_AGAIN,    /* value: the same for blocks that were thought to be free */
	WAY_OUT,      /* value: sixteenths of the difference to the last address of this way */
	WAY_OUT_ODD,
	WAY_END
};

#define WAYS_ALLOC 10
#define WAYS_FREE (WAY_END - WAY_RECENT)

/* Where the delta of an allocation is found, and its size. */
enum model_from { FROM_RECENT, FROM_PLACE, FROM_STACK, FROM_NUMBER, FROM_NEW, FROM_END };
enum model_size { SIZE_GUESSED, SIZE_OF_DELTA, SIZE_TOLD, SIZE_END };
enum model_flags { FLAGS_NONE, FLAGS_RESIZE, FLAGS_TOLD, FLAGS_END };

/* Tokens, one an event. */
enum model_token {
	TOKEN_RECENT, /* all as guessed from the events before */
	TOKEN_PLACE,  /* all as guessed from the last delta and the number of frees since */
	TOKEN_ALLOC,
	TOKEN_FREE = TOKEN_ALLOC + WAYS_ALLOC * FROM_END * SIZE_END,
	TOKEN_RARE = TOKEN_FREE + WAYS_FREE * FLAGS_END,
	TOKEN_END
};

enum codec_column {
	COLUMN_TOKENS,
	COLUMN_DELTAS,
	COLUMN_SIZES,
	COLUMN_RANKS,
	COLUMN_REFERENCES,
	COLUMN_FARS,
	COLUMN_DISTANCES,
	COLUMN_OUTS,
	COLUMN_POPPED,
	COLUMN_PUSHED,
	COLUMN_CALLEES,
	COLUMN_FRAMES,
	COLUMN_RARE,
	COLUMN_STAMPS,
	COLUMN_END
};

/* An event foretold whole. A free has its flags in `delta` and no size. */
struct model_guess {
	uint32_t delta, size;
	int32_t value;
	uint32_t way;
};

struct model_hint {
	uint32_t delta, size;
};

enum node_state { NODE_GONE, NODE_LIVE, NODE_FREE };

/* An allocation of the chunk, or a block from before it that was freed: numbered as they come. */
struct model_node {
	uint64_t address;
	uint32_t newer,
		older; /* neighbours in the list of live blocks, or of its class's free ones */
	uint32_t allocation; /* its number, MODEL_NONE for a block from before */
	uint8_t class, state;
};

struct model_class {
	uint64_t end; /* behind the last allocation */
	uint32_t top, up, down, reference;
};

/* Frames of the current stack that one delta pushed; those of the top one may be cut off. */
struct model_segment {
	uint64_t below; /* hash of the stack below it */
	uint32_t start, delta;
};

struct model {
	struct model_guess *recent, *place;
	struct model_hint *stack;
	uint64_t (*callees)[MODEL_CALLEES];
	unsigned bits; /* log2 of the entries of the first three */
	struct model_node *nodes;
	struct codec_delta *deltas;
	struct model_segment *segments;
	uint32_t n_nodes, n_deltas, n_segments, n_allocations;

	uint32_t oldest, newest; /* live blocks */
	uint32_t cursor;	 /* live block older than the one freed last */
	uint32_t freed;		 /* live block that was freed last */
	uint32_t last;		 /* block that was freed last, if it still is */
	uint32_t again;
	uint64_t before, end; /* address of the last allocation, and what lies behind it */
	uint64_t out;

	uint32_t depth; /* of the current stack */
	uint64_t stack_hash, frame;
	uint32_t events[3], last_delta, frees;
	struct model_class classes[MODEL_CLASSES];
};

/*
 * Bytes that the model needs for a chunk of at most so many words, blocks and deltas, and a stack of
 * so many segments. There is room for one segment more, so that a caller may look afterwards.
 */
size_t model_size(size_t n_words, size_t n_nodes, size_t n_deltas, size_t n_segments);
/* Starts a chunk in that much memory, aligned to 8 bytes. */
void model_start(struct model *model, void *memory, size_t n_words, size_t n_nodes,
		 size_t n_deltas);

/* The current stack becomes that of delta `number`. */
void model_push(struct model *model, uint32_t number);
/* The frame at `depth` of the current stack, counted from the outermost; 0 if it has none. */
uint64_t model_frame(const struct model *model, uint32_t depth);
void model_drop_stack(struct model *model);

static inline uint64_t model_hash(uint64_t x)
{
	return x * 0x9e3779b97f4a7c15u;
}

static inline struct model_guess *model_recent(const struct model *model)
{
	uint64_t x = model->events[0] + model->events[1] * 0x9fb21c651e98df25u +
		     model->events[2] * 0xd6e8feb86659fd93u;

	return &model->recent[model_hash(x ^ x >> 32) >> (64 - model->bits)];
}

static inline struct model_guess *model_place(const struct model *model)
{
	return &model->place[model_hash((uint64_t)model->last_delta << 4 | model->frees) >>
			     (64 - model->bits)];
}

static inline struct model_hint *model_stack(const struct model *model)
{
	return &model->stack[model_hash(model->stack_hash) >> (64 - model->bits)];
}

static inline uint64_t *model_callees(const struct model *model, uint64_t caller)
{
	return model->callees[model_hash(caller ^ caller >> 32) >> (66 - model->bits)];
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

static inline uint8_t model_class(uint64_t sixteenths)
{
	return (uint8_t)(sixteenths < 128 ? sixteenths : 128 | (sixteenths & 127));
}

/* The block that a way points to, MODEL_NONE if there is none or it is no way to a block. */
static inline uint32_t model_node(const struct model *model, enum model_way way, int32_t value,
				  const struct model_class *class)
{
	uint32_t node = MODEL_NONE;

	switch (way) {
	case WAY_TOP:
		return class->top;
	case WAY_UP:
		return class->up;
	case WAY_DOWN:
		return class->down;
	case WAY_LAST:
		return model->last;
	case WAY_RANK:
		node = class->top;
		for (int32_t i = 0; i < value && node != MODEL_NONE; i++)
			node = model->nodes[node].older;
		return node;
	case WAY_REFERENCE:
		node = class->reference + (uint32_t)value;
		break;
	case WAY_RECENT:
		return model->newest;
	case WAY_NEXT:
		return model->cursor == MODEL_NONE ? model->oldest
						   : model->nodes[model->cursor].newer;
	case WAY_PREVIOUS:
		return model->cursor;
	case WAY_DISTANCE:
		node = model->freed + (uint32_t)value;
		break;
	case WAY_AGAIN:
		node = model->again + (uint32_t)value;
		break;
	default:
		break;
	}
	return node < model->n_nodes ? node : MODEL_NONE;
}

/* Whether a way tells an address instead of a block. */
static inline bool model_is_address(enum model_way way)
{
	return 1u << way & (1u << WAY_BUMP | 1u << WAY_CLASS | 1u << WAY_FAR | 1u << WAY_ODD |
			    1u << WAY_OUT | 1u << WAY_OUT_ODD);
}

/* The address that such a way tells; the odd ones have it in a column. */
static inline uint64_t model_address(const struct model *model, enum model_way way, int32_t value,
				     const struct model_class *class)
{
	switch (way) {
	case WAY_BUMP:
		return model->end;
	case WAY_CLASS:
		return class->end;
	case WAY_FAR:
		return model->before + (uint64_t)value * 16;
	default:
		return model->out + (uint64_t)value * 16;
	}
}

static inline void model_unlink(struct model *model, uint32_t number)
{
	struct model_node *node = &model->nodes[number];
	uint32_t *newest = &model->newest, *oldest = &model->oldest, none;

	if (node->state == NODE_LIVE) {
		if (model->cursor == number)
			model->cursor = node->older;
	} else {
		struct model_class *class = &model->classes[node->class];

		newest = &class->top;
		oldest = &none;
		class->up = node->newer;
		class->down = node->older;
	}
	*(node->newer == MODEL_NONE ? newest : &model->nodes[node->newer].older) = node->older;
	*(node->older == MODEL_NONE ? oldest : &model->nodes[node->older].newer) = node->newer;
}

static inline uint32_t model_add(struct model *model, uint64_t address, uint8_t class)
{
	struct model_node *node = &model->nodes[model->n_nodes];

	node->address = address;
	node->allocation = MODEL_NONE;
	node->class = class;
	return model->n_nodes++;
}

static inline void model_happened(struct model *model, uint32_t code)
{
	model->events[2] = model->events[1];
	model->events[1] = model->events[0];
	model->events[0] = code;
}

/* An allocation where block `taken` was, MODEL_NONE: where none was. Returns the new block. */
static inline uint32_t model_allocate(struct model *model, uint64_t address, uint64_t sixteenths,
				      enum model_way way, uint32_t taken, uint32_t delta)
{
	struct model_class *class = &model->classes[model_class(sixteenths)];

	if (taken != MODEL_NONE) {
		if (model->nodes[taken].state != NODE_GONE)
			model_unlink(model, taken);
		model->nodes[taken].state = NODE_GONE;
		if (model->last == taken)
			model->last = MODEL_NONE;
		if (way == WAY_REFERENCE)
			class->reference = taken;
	}
	uint32_t number = model_add(model, address, model_class(sixteenths));
	struct model_node *node = &model->nodes[number];

	node->state = NODE_LIVE;
	node->allocation = model->n_allocations++;
	node->newer = MODEL_NONE;
	node->older = model->newest;
	*(model->newest == MODEL_NONE ? &model->oldest : &model->nodes[model->newest].newer) =
		number;
	model->newest = number;
	model->before = address;
	class->end = model->end = address + sixteenths * 16;
	model->frees = 0;
	model->last_delta = delta;
	model_happened(model, delta << 1);
	return number;
}

/* A free of a block, MODEL_NONE: of one from before the chunk. Returns the block. */
static inline uint32_t model_free(struct model *model, uint64_t address, enum model_way way,
				  uint32_t number)
{
	uint32_t code = WAY_END;

	if (number == MODEL_NONE) {
		number = model_add(model, address, 0);
		model->out = address;
	} else if (model->nodes[number].state == NODE_LIVE) {
		uint32_t older = model->nodes[number].older;

		model_unlink(model, number);
		model->cursor = older;
		model->freed = number;
		code = way;
	} else {
		if (model->nodes[number].state == NODE_FREE)
			model_unlink(model, number);
		model->again = number;
		code = WAY_AGAIN;
	}
	struct model_node *node = &model->nodes[number];
	struct model_class *class = &model->classes[node->class];

	node->state = NODE_FREE;
	node->newer = MODEL_NONE;
	node->older = class->top;
	if (class->top != MODEL_NONE)
		model->nodes[class->top].newer = number;
	class->top = number;
	model->last = number;
	model->frees += model->frees < MODEL_FREES_MOST;
	model_happened(model, code << 1 | 1);
	return number;
}

#endif
