// SPDX-License-Identifier: MIT
/*
 * Call stacks, interned as a tree: a node is an address under its caller's node, a stack is a node
 * that allocated, with its true depth. Node 0 is the root, the stack of no frames.
 *
 * A flat tree is for stacks that come in the order of a walk of it, as in a snapshot: what is not
 * the newest child of its parent is new, so nothing is looked up. In another order it only gets
 * larger.
 */
#ifndef ANALYZER_STACKS_H
#define ANALYZER_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/hash.h"
#include "intern.h"
#include "module_map.h"

#define STACK_ROOT 0u

struct stack_node {
	uint64_t address;
	uint32_t parent;
	uint32_t module;     /* index in trace->modules, MODULE_NONE */
	uint32_t generation; /* one in which the module is known to be at the address */
	uint32_t stack;	     /* the first one that ends here, INTERN_NONE */
	uint32_t child;	     /* the one that was asked for last, STACK_ROOT none: a shortcut */
};

struct stack {
	uint32_t node;
	uint32_t depth; /* true depth in physical frames, which may be more than are stored */
	uint32_t next;	/* stack with the same node and another depth, INTERN_NONE */
};

struct stacks {
	struct stack_node *nodes;
	struct stack *stacks;
	size_t n_nodes, cap_nodes, n, cap;
	struct intern set; /* of nodes; empty when flat */
	bool flat;
	const struct module_map *map;
};

void stacks_init(struct stacks *stacks, const struct module_map *map, bool flat);
void stacks_release(struct stacks *stacks);

/* Gives up the index while nothing is added, and makes it again. */
void stacks_pack(struct stacks *stacks);
void stacks_unpack(struct stacks *stacks);

uint32_t stacks_push_slowly(struct stacks *stacks, uint32_t parent, uint64_t address,
			    uint32_t generation);
/* The same for a parent that was just made: it has no children yet, so none is looked for. */
uint32_t stacks_push_new(struct stacks *stacks, uint32_t parent, uint64_t address,
			 uint32_t generation);
uint32_t stacks_add(struct stacks *stacks, uint32_t node, uint32_t depth);

static inline uint64_t stacks_hash(uint32_t parent, uint64_t address)
{
	uint64_t hash = (address ^ (uint64_t)parent << 40 ^ parent) * 0x9fb21c651e98df25u;

	return hash ^ hash >> 32;
}

static inline bool stacks_is(const struct stack_node *node, uint32_t parent, uint64_t address,
			     uint32_t generation)
{
	return node->address == address && node->parent == parent && node->generation == generation;
}

/* The node of ADDRESS under PARENT. */
static inline uint32_t stacks_push(struct stacks *stacks, uint32_t parent, uint64_t address,
				   uint32_t generation)
{
	const struct intern *set = &stacks->set;
	size_t slot = intern_start(set, stacks_hash(parent, address));
	uint32_t id = stacks->nodes[parent].child;

	if (stacks_is(&stacks->nodes[id], parent, address, generation) && id != STACK_ROOT)
		return id;
	if (stacks->flat)
		return stacks_push_new(stacks, parent, address, generation);
	for (; (id = set->slots[slot]) != INTERN_NONE; slot = intern_next(set, slot))
		if (stacks_is(&stacks->nodes[id], parent, address, generation)) {
			stacks->nodes[parent].child = id;
			return id;
		}
	return stacks_push_slowly(stacks, parent, address, generation);
}

/* The number of the stack that ends at NODE and is DEPTH deep. */
static inline uint32_t stacks_get(struct stacks *stacks, uint32_t node, uint32_t depth)
{
	uint32_t stack = stacks->nodes[node].stack;

	if (stack != INTERN_NONE && stacks->stacks[stack].depth == depth)
		return stack;
	return stacks_add(stacks, node, depth);
}

#endif
