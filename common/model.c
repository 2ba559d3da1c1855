// SPDX-License-Identifier: MIT
/*
 * The memory of the model, and the current stack as segments of deltas, so that a deep stack costs
 * no more than the events that made it.
 */
#include "common/model.h"

#include <string.h>

#define BITS_LEAST 6
#define BITS_MOST 13

/* Entries of the tables of guesses: one for 16 words. */
static unsigned table_bits(size_t n_words)
{
	unsigned bits = BITS_LEAST;

	while (bits < BITS_MOST && (size_t)16 << bits < n_words)
		bits++;
	return bits;
}

static size_t tables_size(unsigned bits)
{
	return (2 * sizeof(struct model_guess) + sizeof(struct model_hint) +
		MODEL_CALLEES * sizeof(uint64_t) / 4)
	       << bits;
}

size_t model_size(size_t n_words, size_t n_nodes, size_t n_deltas, size_t n_segments)
{
	return tables_size(table_bits(n_words)) + n_nodes * sizeof(struct model_node) +
	       n_deltas * sizeof(struct codec_delta) +
	       (n_segments + 1) * sizeof(struct model_segment);
}

void model_start(struct model *model, void *memory, size_t n_words, size_t n_nodes, size_t n_deltas)
{
	unsigned bits = table_bits(n_words);
	char *at = memory;

	memset(at, 0, tables_size(bits));
	memset(model, 0, sizeof *model);
	model->bits = bits;
	model->recent = (struct model_guess *)at;
	at += sizeof *model->recent << bits;
	model->place = (struct model_guess *)at;
	at += sizeof *model->place << bits;
	model->stack = (struct model_hint *)at;
	at += sizeof *model->stack << bits;
	model->callees = (uint64_t(*)[MODEL_CALLEES])at;
	at += sizeof *model->callees << (bits - 2);
	model->nodes = (struct model_node *)at;
	at += n_nodes * sizeof *model->nodes;
	model->deltas = (struct codec_delta *)at;
	at += n_deltas * sizeof *model->deltas;
	model->segments = (struct model_segment *)at;
	model->oldest = model->newest = model->cursor = model->last = MODEL_NONE;
	for (unsigned i = 0; i < MODEL_CLASSES; i++) {
		struct model_class *class = &model->classes[i];

		class->top = class->up = class->down = MODEL_NONE;
	}
}

static uint64_t hash_segment(uint64_t below, uint32_t delta, uint32_t frames)
{
	uint64_t x = (below ^ ((uint64_t)delta << 32 | frames)) * 0x9fb21c651e98df25u;

	return x ^ x >> 29;
}

void model_drop_stack(struct model *model)
{
	model->depth = 0;
	model->n_segments = 0;
	model->stack_hash = 0;
}

void model_push(struct model *model, uint32_t number)
{
	const struct codec_delta *delta = &model->deltas[number];
	int64_t kept = (int64_t)model->depth - delta->popped;
	struct model_segment *top;

	if (delta->popped > 0) {
		while (model->n_segments && model->segments[model->n_segments - 1].start >= kept)
			model->n_segments--;
		model->depth = (uint32_t)kept;
		model->stack_hash = 0;
		if (model->n_segments) {
			top = &model->segments[model->n_segments - 1];
			model->stack_hash =
				hash_segment(top->below, top->delta, (uint32_t)kept - top->start);
		}
	}
	if (!delta->pushed)
		return;
	top = &model->segments[model->n_segments++];
	*top = (struct model_segment){model->stack_hash, model->depth, number};
	model->stack_hash = hash_segment(top->below, number, delta->pushed);
	model->depth += delta->pushed;
}

uint64_t model_frame(const struct model *model, uint32_t depth)
{
	const struct model_segment *top = &model->segments[model->n_segments];

	if (depth >= model->depth)
		return 0;
	while (top[-1].start > depth)
		top--;
	return model->deltas[top[-1].delta].frames[depth - top[-1].start];
}
