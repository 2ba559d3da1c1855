// SPDX-License-Identifier: MIT
/*
 * Names that the trace itself carries for look-up addresses: snapshots and traces with embedded
 * symbols.
 *
 * They refer to modules by recorded id, so names chunks stand behind the modules they are about.
 */
#include <stdlib.h>

#include "ancestors.h"
#include "common/bytes.h"
#include "common/hash.h"
#include "die.h"
#include "records.h"

struct strings {
	const char **texts;
	uint64_t n;
};

static uint64_t name_hash(uint32_t module, uint64_t address)
{
	return hash_mix(address + ((uint64_t)module << 32 ^ module));
}

static uint64_t name_hash_of(const void *arg, uint32_t id)
{
	const struct trace_name *name = &((const struct trace_private *)arg)->names[id];

	return name_hash(name->module, name->address);
}

static size_t find_slot(const struct trace_private *inner, uint32_t module, uint64_t address)
{
	const struct intern *set = &inner->name_set;
	size_t slot = intern_start(set, name_hash(module, address));

	for (; set->slots[slot] != INTERN_NONE; slot = intern_next(set, slot)) {
		const struct trace_name *name = &inner->names[set->slots[slot]];

		if (name->module == module && name->address == address)
			break;
	}
	return slot;
}

static const struct trace_name *find_own(const struct trace_private *inner, uint32_t module,
					 uint64_t address)
{
	uint32_t id = inner->name_set.slots[find_slot(inner, module, address)];

	return id == INTERN_NONE ? NULL : &inner->names[id];
}

const struct trace_name *trace_name_find(const struct trace *trace, uint32_t module,
					 uint64_t address)
{
	const struct trace_private *inner = trace->inner;
	const struct trace_name *name = find_own(inner, module, address);

	for (size_t i = 0; i < inner->n_ancestors && !name; i++) {
		const struct ancestor *ancestor = &inner->ancestors[i];
		uint32_t own = module == MODULE_NONE ? MODULE_NONE : ancestor->own[module];

		if (module == MODULE_NONE || own != MODULE_NONE)
			name = find_own(ancestor->trace->inner, own, address);
	}
	return name;
}

const char *trace_generated_find(const struct trace *trace, uint64_t address, size_t *size)
{
	const struct trace_private *inner = trace->inner;
	const char *text = perf_map_find(&trace->inner->perf_map, address, size);

	for (size_t i = 0; i < inner->n_ancestors && !text; i++)
		text = perf_map_find(&inner->ancestors[i].trace->inner->perf_map, address, size);
	return text;
}

bool trace_has_names(const struct trace *trace)
{
	return trace->inner->n_names > 0;
}

bool trace_name_has_line(const struct trace_name *name)
{
	for (uint32_t i = 0; i < name->n_levels; i++)
		if (name->levels[i].file && name->levels[i].line)
			return true;
	return false;
}

/* Of one address the first record counts. */
static void add_name(struct trace_private *inner, const struct trace_name *name)
{
	size_t slot = find_slot(inner, name->module, name->address);

	if (inner->name_set.slots[slot] != INTERN_NONE)
		return;
	if (inner->n_names == inner->cap_names) {
		inner->cap_names = inner->cap_names * 2 + 64;
		inner->names = xreallocarray(inner->names, inner->cap_names, sizeof *inner->names);
	}
	inner->names[inner->n_names] = *name;
	intern_add(&inner->name_set, slot, (uint32_t)inner->n_names++, name_hash_of, inner);
}

static const char *string_at(struct get *g, const struct strings *strings)
{
	uint64_t number = get_varint(g);

	if (number > strings->n)
		g->bad = true;
	return number && !g->bad ? strings->texts[number - 1] : NULL;
}

static uint32_t module_index(const struct trace *trace, uint64_t id)
{
	for (size_t i = trace->n_modules; i > 0; i--)
		if (trace->inner->module_ids[i - 1] == id)
			return (uint32_t)(i - 1);
	return MODULE_NONE;
}

static void read_name(struct trace *trace, struct get *g, const struct strings *strings,
		      uint64_t *address)
{
	uint64_t module = get_varint(g);

	*address += (uint64_t)get_zigzag(g);
	uint64_t n = get_varint(g);

	if (!n || n > get_left(g) / 4) {
		g->bad = true;
		return;
	}
	struct trace_level *levels = arena_get(&trace->inner->arena, n * sizeof *levels);

	for (size_t i = 0; i < n; i++) {
		levels[i].file = string_at(g, strings);
		levels[i].line = (uint32_t)get_varint(g);
		levels[i].function = string_at(g, strings);
		levels[i].module = string_at(g, strings);
	}
	if (!g->bad)
		add_name(trace->inner,
			 &(struct trace_name){
				 .address = *address,
				 .module = module ? module_index(trace, module - 1) : MODULE_NONE,
				 .n_levels = (uint32_t)n,
				 .levels = levels,
			 });
}

bool records_names(struct trace *trace, const uint8_t *payload, size_t size)
{
	struct get g = get_from(payload, size);
	struct strings strings = {.n = get_varint(&g)};
	uint64_t address = 0, n;

	if (strings.n > get_left(&g))
		return false;
	strings.texts = xreallocarray(NULL, strings.n, sizeof *strings.texts);
	for (size_t i = 0; i < strings.n; i++) {
		size_t length;
		const char *text = get_string(&g, &length);

		strings.texts[i] = text ? arena_text(&trace->inner->arena, text, length) : "";
	}
	n = get_varint(&g);
	for (uint64_t i = 0; i < n && !g.bad; i++)
		read_name(trace, &g, &strings, &address);
	free(strings.texts);
	return !g.bad;
}
