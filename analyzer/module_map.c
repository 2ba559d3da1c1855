// SPDX-License-Identifier: MIT
/*
 * Address ranges of all generations in one sorted array. Ranges of different generations may
 * overlap, so a search goes back from the last range that starts early enough, as far as one could
 * reach.
 */
#include "module_map.h"

#include <stdlib.h>

#include "die.h"

struct module_span {
	uint64_t start, end;
	uint64_t reach;	      /* the largest end so far */
	uint64_t from, until; /* generations */
	uint32_t module;
};

static int compare_spans(const void *left, const void *right)
{
	const struct module_span *a = left, *b = right;

	if (a->start != b->start)
		return (a->start > b->start) - (a->start < b->start);
	return (a->from > b->from) - (a->from < b->from);
}

void module_map_init(struct module_map *map, const struct trace_module *modules, size_t n)
{
	size_t n_spans = 0;
	uint64_t reach = 0;

	for (size_t i = 0; i < n; i++)
		n_spans += modules[i].n_ranges;
	map->spans = xcalloc(n_spans, sizeof *map->spans);
	map->n = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < modules[i].n_ranges; j++)
			map->spans[map->n++] = (struct module_span){
				.start = modules[i].ranges[j].start,
				.end = modules[i].ranges[j].end,
				.from = modules[i].from,
				.until = modules[i].until,
				.module = (uint32_t)i,
			};
	qsort(map->spans, map->n, sizeof *map->spans, compare_spans);
	for (size_t i = 0; i < map->n; i++) {
		reach = map->spans[i].end > reach ? map->spans[i].end : reach;
		map->spans[i].reach = reach;
	}
}

void module_map_release(struct module_map *map)
{
	free(map->spans);
	*map = (struct module_map){0};
}

uint32_t module_map_find(const struct module_map *map, uint64_t address, uint64_t generation)
{
	size_t low = 0, high = map->n;

	if (!high || address >= map->spans[high - 1].reach)
		return MODULE_NONE;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->spans[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low > 0 && map->spans[low - 1].reach > address; low--) {
		const struct module_span *span = &map->spans[low - 1];

		if (address < span->end && generation >= span->from && generation < span->until)
			return span->module;
	}
	return MODULE_NONE;
}
