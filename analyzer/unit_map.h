// SPDX-License-Identifier: MIT
/*
 * Which unit of a file's DWARF an address is in.
 *
 * A function that was compiled into many units (a template's) is in the ranges of all of them, and
 * each says what it made of it. The linker kept that of the first, and so that one is found.
 */
#ifndef ANALYZER_UNIT_MAP_H
#define ANALYZER_UNIT_MAP_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNIT_NONE UINT32_MAX

struct unit_map {
	Dwarf *dwarf;
	Dwarf_Off *offset; /* of the DIEs of the units, ascending */
	size_t n_units, cap_units;
	Dwarf_Aranges *aranges; /* by address; of the file */
	size_t n_aranges;
	struct unit_range *range; /* by address; empty until it is needed */
	size_t n_ranges;
	bool have_ranges;
};

/* Units are added in the order of their offsets; then, with DWARF, which stays the caller's, started. */
void unit_map_add(struct unit_map *map, Dwarf_Off offset);
void unit_map_start(struct unit_map *map, Dwarf *dwarf);
/* DWARF may go. The same units have to be added again before the next start. */
void unit_map_stop(struct unit_map *map);
void unit_map_release(struct unit_map *map);

/* The number of the unit, in the order of adding, or UNIT_NONE. */
uint32_t unit_map_find(struct unit_map *map, uint64_t address);

#endif
