// SPDX-License-Identifier: MIT
/*
 * A walk of the tree of processes. What files say of each other need not be a tree: each part is taken
 * once, whatever they say.
 */
#include "sum_order.h"

#include <stdlib.h>

#include "die.h"

struct walk {
	struct sum_part **by_fork, **by_identity, **stack;
	size_t n, n_stack;
	bool *seen; /* by number of the part */
	const struct sum_part *parts;
};

static int compare_forks(const void *left, const void *right)
{
	const struct sum_part *a = *(const struct sum_part *const *)left,
			      *b = *(const struct sum_part *const *)right;
	int order = trace_head_compare_forks(&a->head, &b->head);

	return order ? order : (a > b) - (a < b);
}

static int compare_identities(const void *left, const void *right)
{
	const struct sum_part *a = *(const struct sum_part *const *)left,
			      *b = *(const struct sum_part *const *)right;

	return (a->head.identity > b->head.identity) - (a->head.identity < b->head.identity);
}

static int compare_identity(const void *key, const void *element)
{
	uint64_t identity = *(const uint64_t *)key;
	const struct sum_part *part = *(const struct sum_part *const *)element;

	return (identity > part->head.identity) - (identity < part->head.identity);
}

static void push(struct walk *walk, struct sum_part *part)
{
	bool *seen = &walk->seen[part - walk->parts];

	if (!*seen)
		walk->stack[walk->n_stack++] = part;
	*seen = true;
}

/* The last one first, as the first is then on top. */
static void push_roots(struct walk *walk)
{
	for (size_t i = walk->n; i-- > 0;) {
		uint64_t parent = walk->by_fork[i]->head.parent;

		if (!parent || !bsearch(&parent, walk->by_identity, walk->n,
					sizeof *walk->by_identity, compare_identity))
			push(walk, walk->by_fork[i]);
	}
}

static void push_children(struct walk *walk, uint64_t identity)
{
	size_t low = 0, high = walk->n;

	while (low < high) { /* to behind the last of them */
		size_t middle = low + (high - low) / 2;

		if (walk->by_fork[middle]->head.parent <= identity)
			low = middle + 1;
		else
			high = middle;
	}
	while (identity && low-- > 0 && walk->by_fork[low]->head.parent == identity)
		push(walk, walk->by_fork[low]);
}

struct sum_part **sum_order(const struct sum_operands *operands, size_t *n)
{
	struct sum_part **order = xreallocarray(NULL, operands->n, sizeof *order);
	struct walk walk = {
		.stack = xreallocarray(NULL, operands->n, sizeof *walk.stack),
		.seen = xcalloc(operands->n, sizeof *walk.seen),
		.parts = operands->parts,
	};

	walk.by_fork = sum_operands_in_order(operands, &walk.n, compare_forks);
	walk.by_identity = sum_operands_in_order(operands, &walk.n, compare_identities);
	push_roots(&walk);
	*n = 0;
	for (size_t i = 0; *n < walk.n;) {
		while (walk.n_stack) {
			struct sum_part *part = order[(*n)++] = walk.stack[--walk.n_stack];

			push_children(&walk, part->head.identity);
		}
		if (*n < walk.n) /* those that are each other's parents */
			push(&walk, walk.by_fork[i++]);
	}
	free(walk.by_fork);
	free(walk.by_identity);
	free(walk.stack);
	free(walk.seen);
	return order;
}
