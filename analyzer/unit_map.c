// SPDX-License-Identifier: MIT
/*
 * .debug_aranges first; where that does not know the address, what the units say themselves.
 */
#include "unit_map.h"

#include <stdlib.h>

#include "die.h"
#include "guard.h"

#define RANGES_MAX (1u << 24) /* in all units: a damaged file may name one long list many times */

struct unit_range {
	uint64_t low, high;
	uint64_t reach; /* the greatest HIGH so far */
	uint32_t unit;
};

void unit_map_add(struct unit_map *map, Dwarf_Off offset)
{
	if (map->n_units == map->cap_units) {
		map->cap_units = map->cap_units ? 2 * map->cap_units : 64;
		map->offset = xreallocarray(map->offset, map->cap_units, sizeof(*map->offset));
	}
	map->offset[map->n_units++] = offset;
}

void unit_map_start(struct unit_map *map, Dwarf *dwarf)
{
	map->dwarf = dwarf;
	if (dwarf_getaranges(dwarf, &map->aranges, &map->n_aranges) != 0)
		map->n_aranges = 0;
}

void unit_map_stop(struct unit_map *map)
{
	map->dwarf = NULL;
	map->n_aranges = 0;
	map->n_units = 0;
}

void unit_map_release(struct unit_map *map)
{
	free(map->offset);
	free(map->range);
	*map = (struct unit_map){0};
}

static uint32_t unit_at_offset(const struct unit_map *map, Dwarf_Off offset)
{
	size_t low = 0, high = map->n_units;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->offset[middle] <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low && map->offset[low - 1] == offset ? (uint32_t)(low - 1) : UNIT_NONE;
}

static int by_low(const void *a, const void *b)
{
	const struct unit_range *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	/* The search goes backwards. */
	return (x->unit < y->unit) - (x->unit > y->unit);
}

static void build_ranges(struct unit_map *map)
{
	size_t cap = 0;
	uint64_t reach = 0;

	map->have_ranges = true;
	for (size_t i = 0; i < map->n_units; i++) {
		Dwarf_Addr base, low, high;
		ptrdiff_t at = 0;
		Dwarf_Die die;

		if (!dwarf_offdie(map->dwarf, map->offset[i], &die))
			continue;
		while ((at = dwarf_ranges(&die, at, &base, &low, &high)) > 0) {
			guard_tick();
			if (low == 0 || low >= high) /* thrown away by the linker */
				continue;
			if (map->n_ranges == RANGES_MAX)
				break;
			if (map->n_ranges == cap) {
				cap = cap ? 2 * cap : 64;
				map->range = xreallocarray(map->range, cap, sizeof(*map->range));
			}
			map->range[map->n_ranges++] =
				(struct unit_range){.low = low, .high = high, .unit = i};
		}
	}
	if (map->n_ranges)
		qsort(map->range, map->n_ranges, sizeof(*map->range), by_low);
	for (size_t i = 0; i < map->n_ranges; i++) {
		if (map->range[i].high > reach)
			reach = map->range[i].high;
		map->range[i].reach = reach;
	}
}

/* The ranges are those of the first start: by the next, a file that is written to may have lost units. */
static uint32_t unit_in_ranges(struct unit_map *map, uint64_t address)
{
	size_t low = 0, high;

	if (!map->have_ranges)
		build_ranges(map);
	high = map->n_ranges;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->range[middle].low <= address)
			low = middle + 1;
		else
			high = middle;
	}
	while (low-- > 0 && map->range[low].reach > address)
		if (address < map->range[low].high)
			return map->range[low].unit < map->n_units ? map->range[low].unit
								   : UNIT_NONE;
	return UNIT_NONE;
}

/* How many of the ranges start at or before ADDRESS. */
static size_t count_aranges(const struct unit_map *map, uint64_t address)
{
	size_t low = 0, high = map->n_aranges;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		Dwarf_Addr start = 0;

		dwarf_getarangeinfo(dwarf_onearange(map->aranges, middle), &start, NULL, NULL);
		if (start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint32_t unit_in_aranges(const struct unit_map *map, uint64_t address)
{
	uint32_t found = UNIT_NONE;
	Dwarf_Addr first = 0;

	for (size_t i = count_aranges(map, address); i-- > 0;) {
		Dwarf_Addr start;
		Dwarf_Word length;
		Dwarf_Off offset;
		uint32_t unit;

		/* The linker gives what it threw away the address 0; it may reach into what it kept. */
		if (dwarf_getarangeinfo(dwarf_onearange(map->aranges, i), &start, &length,
					&offset) != 0 ||
		    start == 0 || (first && start != first))
			break;
		first = start;
		unit = address - start < length ? unit_at_offset(map, offset) : UNIT_NONE;
		if (unit < found) /* UNIT_NONE is above all */
			found = unit;
	}
	return found;
}

uint32_t unit_map_find(struct unit_map *map, uint64_t address)
{
	uint32_t found = map->n_units ? unit_in_aranges(map, address) : UNIT_NONE;

	return found != UNIT_NONE || !map->n_units ? found : unit_in_ranges(map, address);
}
