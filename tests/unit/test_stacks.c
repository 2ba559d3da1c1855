// SPDX-License-Identifier: MIT
#include "analyzer/stacks.h"

#include "tests/test.h"

static const struct trace_range range = {0x1000, 0x2000};
static const struct trace_module modules[] = {
	{.ranges = &range, .n_ranges = 1, .from = 0, .until = 2},
	{.ranges = &range, .n_ranges = 1, .from = 2, .until = UINT64_MAX},
};

TEST(equal_chains_are_one_node)
{
	struct module_map map;
	struct stacks stacks;

	module_map_init(&map, modules, 2);
	stacks_init(&stacks, &map, false);
	uint32_t a = stacks_push(&stacks, STACK_ROOT, 0x1000, 0),
		 b = stacks_push(&stacks, a, 0x1100, 0);

	CHECK_EQ(stacks_push(&stacks, STACK_ROOT, 0x1000, 0), a);
	CHECK_EQ(stacks_push(&stacks, a, 0x1100, 1), b); /* another generation, the same module */
	CHECK(stacks_push(&stacks, STACK_ROOT, 0x1100, 0) != b);
	CHECK_EQ(stacks.nodes[b].module, 0);
	CHECK_EQ(stacks.nodes[b].parent, a);
	stacks_release(&stacks);
	module_map_release(&map);
}

TEST(the_same_address_in_another_module_is_another_node)
{
	struct module_map map;
	struct stacks stacks;

	module_map_init(&map, modules, 2);
	stacks_init(&stacks, &map, false);
	uint32_t old = stacks_push(&stacks, STACK_ROOT, 0x1000, 1);
	uint32_t new = stacks_push(&stacks, STACK_ROOT, 0x1000, 2);

	CHECK(old != new);
	CHECK_EQ(stacks.nodes[new].module, 1);
	CHECK_EQ(stacks_push(&stacks, STACK_ROOT, 0x1000, 0), old);
	CHECK_EQ(stacks_push(&stacks, STACK_ROOT, 0x1000, 9), new);
	stacks_release(&stacks);
	module_map_release(&map);
}

TEST(a_stack_is_a_node_and_its_true_depth)
{
	struct module_map map;
	struct stacks stacks;

	module_map_init(&map, NULL, 0);
	stacks_init(&stacks, &map, false);
	uint32_t node = stacks_push(&stacks, STACK_ROOT, 0x1000, 0);
	uint32_t one = stacks_get(&stacks, node, 1), nine = stacks_get(&stacks, node, 9);

	CHECK(one != nine);
	CHECK_EQ(stacks_get(&stacks, node, 1), one);
	CHECK_EQ(stacks_get(&stacks, node, 9), nine);
	CHECK_EQ(stacks.stacks[nine].depth, 9);
	CHECK_EQ(stacks.n, 2);
	stacks_release(&stacks);
	module_map_release(&map);
}

TEST(many_nodes_are_found_again_after_the_index_was_given_up)
{
	struct module_map map;
	struct stacks stacks;
	uint32_t node = STACK_ROOT;

	module_map_init(&map, NULL, 0);
	stacks_init(&stacks, &map, false);
	for (uint64_t i = 1; i <= 10000; i++)
		node = i % 100 ? stacks_push(&stacks, node, i, 0)
			       : stacks_push_new(&stacks, stacks_push(&stacks, node, i, 0), i, 0);
	size_t n = stacks.n_nodes;

	stacks_pack(&stacks);
	stacks_unpack(&stacks);
	node = STACK_ROOT;
	for (uint64_t i = 1; i <= 10000; i++) {
		node = stacks_push(&stacks, node, i, 0);
		if (i % 100 == 0)
			node = stacks_push(&stacks, node, i, 0);
	}
	CHECK_EQ(stacks.n_nodes, n);
	stacks_release(&stacks);
	module_map_release(&map);
}

TEST(a_flat_tree_finds_the_newest_children_alone)
{
	struct module_map map;
	struct stacks stacks;

	module_map_init(&map, NULL, 0);
	stacks_init(&stacks, &map, true);
	uint32_t a = stacks_push(&stacks, STACK_ROOT, 1, 0), b = stacks_push(&stacks, a, 2, 0);

	CHECK_EQ(stacks_push(&stacks, STACK_ROOT, 1, 0), a);
	CHECK_EQ(stacks_push(&stacks, a, 2, 0), b);
	uint32_t c = stacks_push(&stacks, a, 3, 0);

	CHECK(c != b);
	CHECK(stacks_push(&stacks, a, 2, 0) != b);
	stacks_pack(&stacks);
	stacks_unpack(&stacks);
	CHECK_EQ(stacks_push(&stacks, STACK_ROOT, 1, 0), a);
	stacks_release(&stacks);
	module_map_release(&map);
}
