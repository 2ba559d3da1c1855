// SPDX-License-Identifier: MIT
/*
 * Tracebacks take one batch. First frames take as many as allocators call each other: after each,
 * the stacks go on whose frame so far is nothing but allocators.
 */
#include "expected.h"

#include <stdlib.h>

#include "allocators.h"
#include "die.h"

enum { NOT_ASKED, ASKED, ALLOCATORS, OTHERS };

struct batch {
	const struct trace *trace;
	struct symbols *symbols;
	struct symbols_query *queries;
	size_t n, cap;
	uint8_t *state; /* of nodes */
};

static void batch_init(struct batch *batch, const struct expected *expected)
{
	*batch = (struct batch){.trace = expected->trace, .symbols = expected->symbols};
	batch->state = xcalloc(expected->trace->inner->stacks.n_nodes, sizeof *batch->state);
}

static const struct stack_node *node_get(const struct batch *batch, uint32_t node)
{
	return &batch->trace->inner->stacks.nodes[node];
}

/* As in locations.c: what is recorded without a line is looked up all the same. */
static bool is_looked_up(const struct batch *batch, uint32_t node)
{
	const struct stack_node *n = node_get(batch, node);
	const struct trace_name *name = trace_name_find(batch->trace, n->module, n->address);

	return n->module != MODULE_NONE && !(name && trace_name_has_line(name));
}

static void batch_add(struct batch *batch, uint32_t node)
{
	const struct stack_node *n = node_get(batch, node);

	if (batch->state[node] != NOT_ASKED)
		return;
	batch->state[node] = ASKED;
	if (!is_looked_up(batch, node))
		return;
	if (batch->n == batch->cap) {
		batch->cap = batch->cap * 2 + 64;
		batch->queries = xreallocarray(batch->queries, batch->cap, sizeof *batch->queries);
	}
	batch->queries[batch->n++] = (struct symbols_query){n->module, n->address};
}

static void batch_look_up(struct batch *batch)
{
	symbols_find_all(batch->symbols, batch->queries, batch->n);
	batch->n = 0;
}

static void batch_release(struct batch *batch)
{
	free(batch->queries);
	free(batch->state);
}

void expected_tracebacks(const struct expected *expected)
{
	const struct stacks *stacks = &expected->trace->inner->stacks;
	bool whole = expected->limit == UINT64_MAX;
	struct batch batch;

	if (!expected->symbols)
		return;
	batch_init(&batch, expected);
	for (size_t i = 0; i < expected->n_stacks; i++) {
		uint64_t left = expected->stacks[i] ? expected->limit : 0;
		uint32_t node = stacks->stacks[i].node;

		/* What is above a node that was seen was seen too, if stacks are not cut off. */
		for (; node != STACK_ROOT && left && !(batch.state[node] && whole); left--) {
			batch_add(&batch, node);
			node = stacks->nodes[node].parent;
		}
	}
	batch_look_up(&batch);
	batch_release(&batch);
}

static bool find_only_allocators(const struct batch *batch, uint32_t node)
{
	const struct stack_node *n = node_get(batch, node);
	const struct trace_name *name = NULL;
	const struct symbol *symbols = NULL;
	size_t n_levels = 0;

	if (is_looked_up(batch, node))
		symbols = symbols_find(batch->symbols, n->module, n->address, &n_levels);
	else
		name = trace_name_find(batch->trace, n->module, n->address);
	if (name)
		n_levels = name->n_levels;
	for (size_t i = 0; i < n_levels; i++) {
		const char *function = name ? name->levels[i].function : symbols[i].function;

		if (!function || !allocators_has(function))
			return false;
	}
	return n_levels > 0;
}

static bool only_allocators(struct batch *batch, uint32_t node)
{
	uint8_t *state = &batch->state[node];

	if (*state == ASKED)
		*state = find_only_allocators(batch, node) ? ALLOCATORS : OTHERS;
	return *state == ALLOCATORS;
}

void expected_first_frames(const struct expected *expected)
{
	const struct stacks *stacks = &expected->trace->inner->stacks;
	uint64_t left = expected->limit;
	struct batch batch;
	uint32_t *nodes; /* where the stacks that go on are */
	size_t n = 0;

	if (!expected->symbols)
		return;
	batch_init(&batch, expected);
	nodes = xreallocarray(NULL, expected->n_stacks, sizeof *nodes);
	for (size_t i = 0; i < expected->n_stacks; i++)
		if (expected->stacks[i] && stacks->stacks[i].node != STACK_ROOT)
			nodes[n++] = stacks->stacks[i].node;
	while (n && left--) {
		size_t going_on = 0;

		for (size_t i = 0; i < n; i++)
			batch_add(&batch, nodes[i]);
		batch_look_up(&batch);
		for (size_t i = 0; i < n && !expected->show_allocators; i++) {
			uint32_t parent = node_get(&batch, nodes[i])->parent;

			if (only_allocators(&batch, nodes[i]) && parent != STACK_ROOT)
				nodes[going_on++] = parent;
		}
		n = going_on;
	}
	free(nodes);
	batch_release(&batch);
}
