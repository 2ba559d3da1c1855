// SPDX-License-Identifier: MIT
#include "analyzer/module_map.h"

#include "tests/test.h"

static const struct trace_range low = {0x1000, 0x3000}, high = {0x8000, 0x9000},
				wide = {0, 0x10000};

static void find_all(const struct trace_module *modules, size_t n, struct module_map *map)
{
	module_map_init(map, modules, n);
}

TEST(an_address_is_in_the_module_whose_range_has_it)
{
	struct trace_module modules[] = {{.ranges = &high, .n_ranges = 1, .until = UINT64_MAX},
					 {.ranges = &low, .n_ranges = 1, .until = UINT64_MAX}};
	struct module_map map;

	find_all(modules, 2, &map);
	CHECK_EQ(module_map_find(&map, 0x0fff, 0), MODULE_NONE);
	CHECK_EQ(module_map_find(&map, 0x1000, 0), 1);
	CHECK_EQ(module_map_find(&map, 0x2fff, 0), 1);
	CHECK_EQ(module_map_find(&map, 0x3000, 0), MODULE_NONE);
	CHECK_EQ(module_map_find(&map, 0x8000, 7), 0);
	CHECK_EQ(module_map_find(&map, UINT64_MAX, 7), MODULE_NONE);
	module_map_release(&map);
}

TEST(a_module_is_there_only_in_its_generations)
{
	struct trace_module modules[] = {
		{.ranges = &low, .n_ranges = 1, .from = 0, .until = 2},
		{.ranges = &low, .n_ranges = 1, .from = 3, .until = UINT64_MAX},
		{.ranges = &wide, .n_ranges = 1, .from = 5, .until = 6}};
	struct module_map map;

	find_all(modules, 3, &map);
	CHECK_EQ(module_map_find(&map, 0x1000, 0), 0);
	CHECK_EQ(module_map_find(&map, 0x1000, 1), 0);
	CHECK_EQ(module_map_find(&map, 0x1000, 2), MODULE_NONE);
	CHECK_EQ(module_map_find(&map, 0x1000, 3), 1);
	CHECK_EQ(module_map_find(&map, 0x9000, 5), 2);
	CHECK_EQ(module_map_find(&map, 0x9000, 6), MODULE_NONE);
	module_map_release(&map);
}

TEST(no_modules_are_a_map_too)
{
	struct module_map map;

	find_all(NULL, 0, &map);
	CHECK_EQ(module_map_find(&map, 0x1000, 0), MODULE_NONE);
	module_map_release(&map);
	module_map_release(&map);
}
