// SPDX-License-Identifier: MIT
/*
 * Who names an address: the trace, a perf map or the symbols service.
 */
#include "locations.h"

#include <stdlib.h>
#include <string.h>

#include "allocators.h"
#include "demangle.h"
#include "die.h"
#include "jit_name.h"

void locations_init(struct locations *locations, struct trace *trace, struct frames *frames,
		    struct symbols *symbols)
{
	*locations = (struct locations){.trace = trace, .frames = frames, .symbols = symbols};
	intern_init(&locations->set);
	if (symbols) {
		locations->no_inlines = symbols_options(symbols)->no_inlines;
		locations->no_demangle = symbols_options(symbols)->no_demangle;
	}
	for (size_t i = 0; symbols && i < trace->n_modules; i++) {
		const struct trace_module *module = &trace->modules[i];

		symbols_add_module(symbols, module->id, module->path, module->build_id,
				   module->build_id_size, module->bias);
	}
}

void locations_release(struct locations *locations)
{
	intern_release(&locations->set);
	name_map_release(&locations->readable);
	free(locations->list);
	free(locations->ids);
}

static uint64_t location_hash(uint32_t module, uint64_t address)
{
	return hash_mix(address ^ (uint64_t)module << 48);
}

static uint64_t location_hash_of(const void *arg, uint32_t id)
{
	const struct location *location = &((const struct locations *)arg)->list[id];

	return location_hash(location->module, location->address);
}

static uint32_t string_of(struct locations *locations, const char *text)
{
	return text && *text ? frames_string(locations->frames, text, strlen(text)) : STRING_NONE;
}

/* The name of a module where a file would stand. */
static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *base = slash ? slash + 1 : path;

	return base && *base ? base : "<unknown>";
}

static void add_frame(struct locations *locations, const struct trace_level *level, bool inlined)
{
	const char *function = demangle_kept(&locations->readable, level->function);
	struct frame frame = {
		.line = level->file ? level->line : 0,
		.function =
			string_of(locations, locations->no_demangle ? level->function : function),
		.module = string_of(locations, level->module),
		.has_line = level->file && level->line,
		.allocator = function && allocators_has(function),
		.inlined = inlined,
	};
	const char *file = level->file ? level->file : base_name(level->module);

	frame.file = frames_string(locations->frames, file, strlen(file));
	if (locations->n_ids == locations->cap_ids) {
		locations->cap_ids = locations->cap_ids * 2 + 64;
		locations->ids =
			xreallocarray(locations->ids, locations->cap_ids, sizeof *locations->ids);
	}
	locations->ids[locations->n_ids++] = frames_frame(locations->frames, &frame);
}

static const char *module_path(const struct locations *locations, uint32_t module)
{
	return module < locations->trace->n_modules ? locations->trace->modules[module].path : NULL;
}

static void add_recorded(struct locations *locations, const struct trace_name *name)
{
	for (uint32_t i = locations->no_inlines ? name->n_levels - 1 : 0; i < name->n_levels; i++) {
		struct trace_level level = name->levels[i];

		if (!level.module)
			level.module = module_path(locations, name->module);
		add_frame(locations, &level, i + 1 < name->n_levels);
	}
}

/* Generated code is in no module; what named it is in a perf map. */
static bool add_generated(struct locations *locations, uint32_t module, uint64_t address)
{
	const char *path = module_path(locations, module), *text;
	size_t size;

	if (path && *path)
		return false;
	text = trace_generated_find(locations->trace, address, &size);
	if (!text)
		return false;
	struct jit_name name = jit_name_split(text, size);

	add_frame(locations,
		  &(struct trace_level){
			  .file = name.file,
			  .line = name.line,
			  .function = name.function,
			  .module = JIT_MODULE,
		  },
		  false);
	jit_name_release(&name);
	return true;
}

static void add_symbols(struct locations *locations, uint32_t module, uint64_t address)
{
	size_t n = 0;
	const struct symbol *symbols = NULL;

	if (locations->symbols && module != MODULE_NONE)
		symbols = symbols_find(locations->symbols, module, address, &n);
	for (size_t i = 0; i < n; i++)
		add_frame(locations,
			  &(struct trace_level){
				  .file = symbols[i].file,
				  .line = symbols[i].line,
				  .function = symbols[i].function,
				  .module = module_path(locations, module),
			  },
			  symbols[i].inlined);
	if (!n)
		add_frame(locations,
			  &(struct trace_level){.module = module_path(locations, module)}, false);
}

/* What the trace says counts, unless it has no line and there is one to be had here. */
static void add_frames(struct locations *locations, uint32_t module, uint64_t address)
{
	const struct trace_name *name = trace_name_find(locations->trace, module, address);
	size_t first = locations->n_ids;
	bool any = false;

	if (!name && add_generated(locations, module, address))
		return;
	if (!name || (module != MODULE_NONE && !trace_name_has_line(name))) {
		add_symbols(locations, module, address);
		for (size_t i = first; i < locations->n_ids; i++)
			any |= frames_get(locations->frames, locations->ids[i])->has_line;
		if (any || !name)
			return;
		locations->n_ids = first;
	}
	add_recorded(locations, name);
}

uint32_t locations_find(struct locations *locations, uint32_t module, uint64_t address)
{
	struct intern *set = &locations->set;
	size_t slot = intern_start(set, location_hash(module, address));
	uint32_t id;

	for (; (id = set->slots[slot]) != INTERN_NONE; slot = intern_next(set, slot))
		if (locations->list[id].address == address && locations->list[id].module == module)
			return id;
	struct location location = {
		.address = address, .module = module, .first = locations->n_ids};

	add_frames(locations, module, address);
	location.n = (uint32_t)(locations->n_ids - location.first);
	if (locations->n == locations->cap) {
		locations->cap = locations->cap * 2 + 64;
		locations->list =
			xreallocarray(locations->list, locations->cap, sizeof *locations->list);
	}
	id = (uint32_t)locations->n++;
	locations->list[id] = location;
	intern_add(set, slot, id, location_hash_of, locations);
	return id;
}
