// SPDX-License-Identifier: MIT
#include "analyzer/ranges.h"

#include <string.h>

#include "tests/test.h"
#include "tests/unit/random.h"

#define PAGES 4000u
#define STEPS 100000u

/* Which range each page belongs to, by the number of the step that added it; 0 for none. */
struct page_map {
	struct ranges ranges;
	uint64_t owner[PAGES];
	uint64_t state;
};

static void add(struct page_map *map, uint64_t start, uint64_t n, uint64_t step)
{
	uint64_t end = start;

	while (end < PAGES && end < start + n && !map->owner[end])
		map->owner[end++] = step;
	if (end > start)
		ranges_add(&map->ranges,
			   &(struct range){.start = start, .end = end, .origin = step});
}

static void drop(struct page_map *map, const struct range *range)
{
	uint64_t start = range->start;

	memset(&map->owner[start], 0, (range->end - start) * sizeof *map->owner);
	ranges_remove(&map->ranges, start);
}

/* The first range that ends behind PAGE is that of the first page from there on that has one. */
static bool finds(const struct page_map *map, uint64_t page)
{
	const struct range *range = ranges_find(&map->ranges, page);

	while (page < PAGES && !map->owner[page])
		page++;
	if (page == PAGES)
		return !range;
	return range && range->origin == map->owner[page] && range->start <= page &&
	       range->end > page;
}

static bool is_right(const struct page_map *map)
{
	uint64_t page = 0;
	size_t n = 0;

	for (const struct range *range; (range = ranges_find(&map->ranges, page)); n++) {
		for (; page < range->start; page++)
			if (map->owner[page])
				return false;
		for (; page < range->end; page++)
			if (map->owner[page] != range->origin)
				return false;
	}
	return n == map->ranges.n;
}

/* MOST: pages of a range. */
static void walk(struct page_map *map, uint64_t most)
{
	for (uint64_t step = 1; step <= STEPS; step++) {
		uint64_t page = random_below(&map->state, PAGES);
		const struct range *range = ranges_find(&map->ranges, page);
		bool grow = random_below(&map->state, 10) < (step / 20000 % 2 ? 3 : 7);

		if (grow || !range)
			add(map, page, 1 + random_below(&map->state, most), step);
		else
			drop(map, range);
		if (!finds(map, random_below(&map->state, PAGES))) {
			CHECK_EQ(step, 0);
			return;
		}
		if (step % 500 == 0 && !CHECK(is_right(map)))
			return;
	}
	CHECK(is_right(map));
}

TEST(ranges_are_found_as_on_a_map_of_all_pages)
{
	static struct page_map map;

	for (uint64_t most = 1; most <= 400; most *= 20) {
		map.state = most;
		walk(&map, most);
		for (const struct range *range; (range = ranges_find(&map.ranges, 0));)
			drop(&map, range);
		CHECK_EQ(map.ranges.n, 0);
		CHECK_EQ(map.ranges.n_leaves, 0);
		ranges_release(&map.ranges);
	}
}

TEST(no_ranges_are_found_where_there_are_none)
{
	struct ranges ranges = {0};

	CHECK(!ranges_find(&ranges, 0));
	ranges_add(&ranges, &(struct range){.start = 16, .end = UINT64_MAX});
	CHECK_EQ(ranges_find(&ranges, 0)->start, 16);
	CHECK(!ranges_find(&ranges, UINT64_MAX));
	ranges_release(&ranges);
	ranges_release(&ranges);
}
