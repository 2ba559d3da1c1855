// SPDX-License-Identifier: MIT
/*
 * A parent is a replay of its own that stands still, in numbers of its own: what lives there is copied
 * to the child, in the child's numbers. Both count the same ancestors one after the other, so modules'
 * generations and threads differ by what the child itself has in front of them; stacks are put
 * together anew.
 */
#include "parents.h"

#include <stdlib.h>
#include <string.h>

#include "ancestors.h"
#include "die.h"
#include "fork_position.h"
#include "inherit.h"

struct parent {
	struct trace *trace;
	struct streams streams;
	struct live live;
	bool useless; /* something is missing in it, which each child has to tell of */
};

struct parents {
	struct parent *list[ANCESTORS_MOST]; /* ancestors of one trace, each once */
	size_t n;
};

struct parents *parents_new(void)
{
	return xcalloc(1, sizeof(struct parents));
}

static void parent_free(struct parent *parent)
{
	streams_release(&parent->streams);
	live_release(&parent->live);
	trace_close(parent->trace);
	free(parent);
}

void parents_free(struct parents *parents)
{
	if (!parents)
		return;
	for (size_t i = 0; i < parents->n; i++)
		parent_free(parents->list[i]);
	free(parents);
}

static bool is_same(const struct trace *a, const struct trace *b)
{
	return a->inner->identity == b->inner->identity && strcmp(a->path, b->path) == 0;
}

static bool is_ancestor(const struct trace *trace, const struct trace *of)
{
	for (size_t i = 0; i < of->inner->n_ancestors; i++)
		if (is_same(trace, of->inner->ancestors[i].trace))
			return true;
	return false;
}

/* Only ancestors of TRACE stay. */
static void forget_others(struct parents *parents, const struct trace *trace)
{
	size_t n = 0;

	for (size_t i = 0; i < parents->n; i++)
		if (is_ancestor(parents->list[i]->trace, trace))
			parents->list[n++] = parents->list[i];
		else
			parent_free(parents->list[i]);
	parents->n = n;
}

static void forget(struct parents *parents, struct parent *parent)
{
	size_t i = 0;

	while (parents->list[i] != parent)
		i++;
	parents->list[i] = parents->list[--parents->n];
	parent_free(parent);
}

/* As far as is known once it was replayed to where it stands. */
static bool is_whole(const struct parent *parent)
{
	const struct trace_quality *quality = &parent->trace->quality;
	const struct trace_private *inner = parent->trace->inner;

	for (size_t i = 0; i < inner->n_ancestors; i++)
		if (inner->ancestors[i].missing)
			return false;
	return !quality->lost_events && !quality->damaged_chunks && !inner->lost_to_damage &&
	       !parent->trace->process.snapshot;
}

/* Whether the two count the same, if not from the same number: a file may have grown in between. That the
 * parent has fewer ancestors ends the chain, whatever files say. */
static bool is_alike(const struct trace *trace, const struct trace *parent)
{
	const struct ancestor *here = trace->inner->ancestors, *there = parent->inner->ancestors;
	const struct trace_origin *first = &here->trace->inner->origin;

	if (trace->inner->n_ancestors != parent->inner->n_ancestors + 1)
		return false;
	for (size_t i = 0; i < parent->inner->n_ancestors; i++) {
		const struct trace_origin *a = &here[i + 1].trace->inner->origin,
					  *b = &there[i].trace->inner->origin;

		if (!is_same(here[i + 1].trace, there[i].trace) ||
		    a->generation != first->generation + b->generation ||
		    a->generations != b->generations || a->thread != first->thread + b->thread)
			return false;
	}
	return true;
}

/* Another replay of the parent of TRACE. NULL: it is no longer there. */
static struct parent *begin(struct parents *parents, const struct trace *trace)
{
	const struct trace *known = trace->inner->ancestors[0].trace;
	char *message = NULL;
	struct trace *opened = trace_open_named(known->path, known->inner->identity, &message);

	free(message);
	if (!opened)
		return NULL;
	struct parent *parent = xcalloc(1, sizeof *parent);

	parent->trace = opened;
	trace_inherit(opened, parents);
	streams_init(&parent->streams, opened);
	live_init(&parent->live, opened, 0);
	parent->useless = !is_whole(parent) || !is_alike(trace, opened);
	if (!parent->useless)
		inherit(&parent->live, opened);
	parents->list[parents->n++] = parent;
	return parent;
}

static struct parent *get(struct parents *parents, const struct trace *trace)
{
	for (size_t i = 0; i < parents->n; i++)
		if (is_same(parents->list[i]->trace, trace->inner->ancestors[0].trace))
			return parents->list[i];
	return begin(parents, trace);
}

/* Goes on to where it forked; false if it is beyond. */
static bool go_on(struct parent *parent, const struct trace_parent *fork)
{
	if (!fork_position_cut(fork, &parent->streams, parent->trace))
		return false;
	inherit_run(&parent->live, &parent->streams, parent->trace);
	parent->useless =
		fork_position_missing(fork, &parent->streams, parent->trace) || !is_whole(parent);
	return true;
}

/* The parent of TRACE as it was at the fork. NULL: that is to be found out in another way. */
static struct parent *at_fork(struct parents *parents, const struct trace *trace)
{
	const struct trace_parent *fork = &trace->inner->parent;
	struct parent *parent = get(parents, trace);

	if (!parent || parent->useless || !is_alike(trace, parent->trace))
		return NULL;
	if (!go_on(parent, fork)) {
		forget(parents, parent);
		parent = begin(parents, trace);
		if (!parent || parent->useless || !go_on(parent, fork))
			return NULL;
	}
	return parent->useless ? NULL : parent;
}

/* From the numbers of a parent to those of its child. */
struct numbers {
	struct stacks *to;
	const struct stacks *from;
	struct trace_origin origin; /* of the parent; what it inherited is within its numbers */
	uint32_t *nodes;	    /* by number there, INTERN_NONE: not asked for yet */
	uint32_t *chain;	    /* nodes on the way to one that was */
	size_t cap;
};

static void numbers_init(struct numbers *numbers, struct trace *trace, const struct trace *parent)
{
	*numbers = (struct numbers){
		.to = &trace->inner->stacks,
		.from = &parent->inner->stacks,
		.origin = trace->inner->ancestors[0].trace->inner->origin,
	};
	if (parent->inner->n_ancestors)
		numbers->origin.generations = UINT32_MAX;
	numbers->nodes = xreallocarray(NULL, numbers->from->n_nodes + 1, sizeof *numbers->nodes);
	memset(numbers->nodes, 0xff, numbers->from->n_nodes * sizeof *numbers->nodes);
	numbers->nodes[STACK_ROOT] = STACK_ROOT;
}

static void numbers_release(struct numbers *numbers)
{
	free(numbers->nodes);
	free(numbers->chain);
}

static uint32_t number_node(struct numbers *numbers, uint32_t node)
{
	size_t n = 0;

	for (; numbers->nodes[node] == INTERN_NONE; node = numbers->from->nodes[node].parent) {
		if (n == numbers->cap) {
			numbers->cap = numbers->cap * 2 + 64;
			numbers->chain =
				xreallocarray(numbers->chain, numbers->cap, sizeof *numbers->chain);
		}
		numbers->chain[n++] = node;
	}
	uint32_t to = numbers->nodes[node];

	while (n--) {
		const struct stack_node *from = &numbers->from->nodes[numbers->chain[n]];

		to = stacks_push(numbers->to, to, from->address,
				 origin_generation(&numbers->origin, from->generation));
		numbers->nodes[numbers->chain[n]] = to;
	}
	return to;
}

static uint32_t number_stack(struct numbers *numbers, uint32_t stack)
{
	const struct stack *from = &numbers->from->stacks[stack];

	return stacks_get(numbers->to, number_node(numbers, from->node), from->depth);
}

static void copy_heap(struct heap *to, const struct heap *from, struct numbers *numbers)
{
	size_t slot = 0;

	heap_release(to);
	heap_copy(to, from);
	for (struct heap_block *block; (block = heap_next(to, &slot));) {
		block->stack = number_stack(numbers, block->stack);
		block->thread = origin_thread(&numbers->origin, block->thread);
		block->epoch = 0;
	}
}

static void copy_ranges(struct ranges *to, const struct ranges *from, struct numbers *numbers)
{
	const struct range *range;

	for (uint64_t at = 0; (range = ranges_find(from, at)); at = range->end) {
		struct range copy = *range;

		copy.stack = number_stack(numbers, range->stack);
		copy.thread = origin_thread(&numbers->origin, range->thread);
		ranges_add(to, &copy);
	}
}

static void copy_mapped(struct mapped *to, const struct mapped *from, struct numbers *numbers)
{
	copy_ranges(&to->ranges[false], &from->ranges[false], numbers);
	copy_ranges(&to->ranges[true], &from->ranges[true], numbers);
	to->reserved = from->reserved;
	to->n_tracks = from->n_tracks;
}

bool parents_give(struct parents *parents, struct live *live, struct trace *trace)
{
	struct numbers numbers;

	forget_others(parents, trace);
	const struct parent *parent = at_fork(parents, trace);

	if (!parent)
		return false;
	numbers_init(&numbers, trace, parent->trace);
	copy_heap(&live->heap, &parent->live.heap, &numbers);
	copy_mapped(&live->mapped, &parent->live.mapped, &numbers);
	numbers_release(&numbers);
	live->forked = parent->live.forked;
	live->session.partial = parent->live.session.partial;
	live_inherit(live, true);
	return true;
}
