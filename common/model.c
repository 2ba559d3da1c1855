// SPDX-License-Identifier: MIT
/*
 * The memory of the model, and the frames of the current stack. Those are asked for only when a new
 * delta is told, so until then it is enough to note which deltas there were; and they are kept as
 * segments of deltas, so that a deep stack costs no more than the events that made it.
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

size_t model_size(const struct model_sizes *sizes)
{
	return tables_size(table_bits(sizes->words)) +
	       (MODEL_FIRST + sizes->nodes) * sizeof(struct model_node) +
	       sizes->deltas * sizeof(struct codec_delta) +
	       sizes->segments * sizeof(struct model_segment) +
	       (sizes->pushes + sizes->pushes % 2) * sizeof(uint32_t);
}

void model_start(struct model *model, void *memory, const struct model_sizes *sizes)
{
	unsigned bits = table_bits(sizes->words);
	char *at = memory;

	memset(at, 0, tables_size(bits));
	memset(model, 0, sizeof *model);
	model->shift = 64 - bits;
	model->recent = (struct model_guess *)at;
	at += sizeof *model->recent << bits;
	model->place = (struct model_guess *)at;
	at += sizeof *model->place << bits;
	model->pair = (struct model_hint *)at;
	at += sizeof *model->pair << bits;
	model->callees = (uint64_t(*)[MODEL_CALLEES])at;
	at += sizeof *model->callees << (bits - 2);
	model->nodes = (struct model_node *)at;
	at += (MODEL_FIRST + sizes->nodes) * sizeof *model->nodes;
	model->deltas = (struct codec_delta *)at;
	at += sizes->deltas * sizeof *model->deltas;
	model->segments = (struct model_segment *)at;
	at += sizes->segments * sizeof *model->segments;
	model->pushes = (uint32_t *)at;

	model->n_nodes = MODEL_FIRST;
	for (uint32_t i = 0; i < MODEL_FIRST; i++)
		model->nodes[i] = (struct model_node){.newer = i, .older = i};
	model->freed = model->again = MODEL_FIRST;
	for (uint32_t i = 0; i < MODEL_CLASSES; i++)
		model->classes[i].reference = MODEL_FIRST;
}

bool model_settle(struct model *model, size_t segments)
{
	struct model_segment *segment = model->segments;
	uint32_t n = model->n_segments, depth = model->segments_depth;

	for (uint32_t i = 0; i < model->n_pushes; i++) {
		if (model->pushes[i] == MODEL_NO_DELTA) {
			n = depth = 0;
			continue;
		}
		const struct codec_delta *delta = &model->deltas[model->pushes[i]];

		depth -= delta->popped > 0 ? (uint32_t)delta->popped : 0;
		while (n && segment[n - 1].start >= depth)
			n--;
		if (!delta->pushed)
			continue;
		if (n == segments)
			return false;
		segment[n++] = (struct model_segment){depth, model->pushes[i]};
		if (n > model->segments_most)
			model->segments_most = n;
		depth += delta->pushed;
	}
	model->n_pushes = 0;
	model->n_segments = n;
	model->segments_depth = depth;
	return true;
}

uint64_t model_frame(const struct model *model, uint32_t depth)
{
	uint32_t n = model->n_segments;

	if (depth >= model->segments_depth)
		return 0;
	while (model->segments[n - 1].start > depth)
		n--;
	const struct model_segment *segment = &model->segments[n - 1];

	return model->deltas[segment->delta].frames[depth - segment->start];
}
