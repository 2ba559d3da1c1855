// SPDX-License-Identifier: MIT
/*
 * The tree of call stacks. Modules are looked up when a node is made, not for each event: a node
 * that is met again in another generation is the same if the module at its address still is.
 */
#include "stacks.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

#define FIRST_SLOTS 256u

static uint32_t append_node(struct stacks *stacks)
{
	if (stacks->n_nodes >= INTERN_NONE)
		die("too many different call stacks");
	if (stacks->n_nodes == stacks->cap_nodes) {
		/* Large blocks are moved by the kernel, not copied, so growing slowly is cheap. */
		stacks->cap_nodes =
			stacks->cap_nodes ? stacks->cap_nodes + stacks->cap_nodes / 2 : 256;
		stacks->nodes =
			xreallocarray(stacks->nodes, stacks->cap_nodes, sizeof *stacks->nodes);
	}
	return (uint32_t)stacks->n_nodes++;
}

void stacks_release(struct stacks *stacks)
{
	free(stacks->nodes);
	free(stacks->stacks);
	intern_release(&stacks->set);
	*stacks = (struct stacks){0};
}

void stacks_pack(struct stacks *stacks)
{
	intern_release(&stacks->set);
	stacks->cap_nodes = stacks->n_nodes;
	stacks->nodes = xreallocarray(stacks->nodes, stacks->cap_nodes, sizeof *stacks->nodes);
}

/* In the order of the nodes: of nodes and slots only the slots are met at random. */
static void make_index(struct stacks *stacks, size_t n_slots)
{
	free(stacks->set.slots);
	stacks->set.slots = xreallocarray(NULL, n_slots, sizeof *stacks->set.slots);
	memset(stacks->set.slots, 0xff, n_slots * sizeof *stacks->set.slots);
	stacks->set.mask = n_slots - 1;
	stacks->set.n = stacks->n_nodes;
	for (uint32_t id = 1; id < stacks->n_nodes; id++) {
		const struct stack_node *node = &stacks->nodes[id];
		size_t slot = intern_start(&stacks->set, stacks_hash(node->parent, node->address));

		while (stacks->set.slots[slot] != INTERN_NONE)
			slot = intern_next(&stacks->set, slot);
		stacks->set.slots[slot] = id;
	}
}

void stacks_unpack(struct stacks *stacks)
{
	size_t n_slots = FIRST_SLOTS;

	if (stacks->set.slots || stacks->flat)
		return;
	while (stacks->n_nodes > n_slots / 8 * 5)
		n_slots *= 2;
	make_index(stacks, n_slots);
}

void stacks_init(struct stacks *stacks, const struct module_map *map, bool flat)
{
	*stacks = (struct stacks){.map = map, .flat = flat};
	uint32_t root = append_node(stacks);

	stacks->nodes[root] = (struct stack_node){.module = MODULE_NONE, .stack = INTERN_NONE};
	stacks_unpack(stacks);
}

static uint32_t add_node(struct stacks *stacks, size_t slot, const struct stack_node *node)
{
	uint32_t id = append_node(stacks);

	stacks->nodes[id] = *node;
	stacks->nodes[node->parent].child = id;
	if (stacks->flat)
		return id;
	stacks->set.slots[slot] = id;
	if (++stacks->set.n > stacks->set.mask / 8 * 5)
		make_index(stacks, (stacks->set.mask + 1) * 2);
	return id;
}

uint32_t stacks_push_slowly(struct stacks *stacks, uint32_t parent, uint64_t address,
			    uint32_t generation)
{
	uint32_t module = module_map_find(stacks->map, address, generation), id;
	size_t slot = intern_start(&stacks->set, stacks_hash(parent, address));

	for (; (id = stacks->set.slots[slot]) != INTERN_NONE;
	     slot = intern_next(&stacks->set, slot)) {
		struct stack_node *node = &stacks->nodes[id];

		if (node->address == address && node->parent == parent && node->module == module) {
			node->generation = generation;
			return id;
		}
	}
	return add_node(
		stacks, slot,
		&(struct stack_node){address, parent, module, generation, INTERN_NONE, STACK_ROOT});
}

uint32_t stacks_push_new(struct stacks *stacks, uint32_t parent, uint64_t address,
			 uint32_t generation)
{
	uint32_t module = module_map_find(stacks->map, address, generation);
	size_t slot = intern_start(&stacks->set, stacks_hash(parent, address));

	while (!stacks->flat && stacks->set.slots[slot] != INTERN_NONE)
		slot = intern_next(&stacks->set, slot);
	return add_node(
		stacks, slot,
		&(struct stack_node){address, parent, module, generation, INTERN_NONE, STACK_ROOT});
}

uint32_t stacks_add(struct stacks *stacks, uint32_t node, uint32_t depth)
{
	uint32_t first = stacks->nodes[node].stack;

	for (uint32_t stack = first; stack != INTERN_NONE; stack = stacks->stacks[stack].next)
		if (stacks->stacks[stack].depth == depth)
			return stack;
	if (stacks->n == stacks->cap) {
		stacks->cap = stacks->cap ? stacks->cap + stacks->cap / 2 : 256;
		stacks->stacks = xreallocarray(stacks->stacks, stacks->cap, sizeof *stacks->stacks);
	}
	uint32_t stack = (uint32_t)stacks->n++;

	stacks->stacks[stack] = (struct stack){node, depth, first};
	stacks->nodes[node].stack = stack;
	return stack;
}
