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

static uint64_t generation_in(const struct module_map_part *part, uint64_t generation)
{
	return part->first + (generation <= part->count ? generation : part->count + UINT64_C(1));
}

static void add_part(struct module_map *map, const struct module_map_part *part)
{
	for (size_t i = 0; i < part->n; i++) {
		const struct trace_module *module = &part->modules[i];

		for (size_t j = 0; j < module->n_ranges; j++)
			map->spans[map->n++] = (struct module_span){
				.start = module->ranges[j].start,
				.end = module->ranges[j].end,
				.from = generation_in(part, module->from),
				.until = generation_in(part, module->until),
				.module = part->numbers ? part->numbers[i] : (uint32_t)i,
			};
	}
}

void module_map_init_parts(struct module_map *map, const struct module_map_part *parts, size_t n)
{
	size_t n_spans = 0;
	uint64_t reach = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < parts[i].n; j++)
			n_spans += parts[i].modules[j].n_ranges;
	map->spans = xcalloc(n_spans, sizeof *map->spans);
	map->n = 0;
	for (size_t i = 0; i < n; i++)
		add_part(map, &parts[i]);
	qsort(map->spans, map->n, sizeof *map->spans, compare_spans);
	for (size_t i = 0; i < map->n; i++) {
		reach = map->spans[i].end > reach ? map->spans[i].end : reach;
		map->spans[i].reach = reach;
	}
}

void module_map_init(struct module_map *map, const struct trace_module *modules, size_t n)
{
	module_map_init_parts(
		map, &(struct module_map_part){.modules = modules, .n = n, .count = UINT32_MAX}, 1);
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
