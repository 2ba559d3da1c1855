// SPDX-License-Identifier: MIT
/*
 * Which module was at an address in a generation.
 */
#ifndef ANALYZER_MODULE_MAP_H
#define ANALYZER_MODULE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "trace.h"

struct module_map {
	struct module_span *spans; /* sorted by start */
	size_t n;
};

void module_map_init(struct module_map *map, const struct trace_module *modules, size_t n);

/* Modules of one trace, in a map of several. */
struct module_map_part {
	const struct trace_module *modules;
	size_t n;
	const uint32_t *numbers; /* what each is called in the map; NULL: as here */
	uint32_t first, count;	 /* its generations 0 to `count` are those from `first` on there */
};

void module_map_init_parts(struct module_map *map, const struct module_map_part *parts, size_t n);
void module_map_release(struct module_map *map);

/* The module's index, or MODULE_NONE. */
uint32_t module_map_find(const struct module_map *map, uint64_t address, uint64_t generation);

#endif
