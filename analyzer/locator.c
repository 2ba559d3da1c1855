// SPDX-License-Identifier: MIT
/*
 * Addresses to frames, and chains of addresses to tracebacks.
 */
#include "locator.h"

#include <stdlib.h>
#include <string.h>

#include "allocators.h"
#include "die.h"
#include "snapshot_save.h"

/* A look-up address and its frames, innermost first. */
struct location {
	uint64_t address;
	uint32_t module;
	uint32_t n;
	size_t first; /* in ids */
};

struct locator {
	struct trace *trace;
	struct frames *frames;
	struct symbols *symbols;
	unsigned users;
	struct location *locations;
	size_t n_locations, cap_locations;
	uint32_t *ids; /* frames of all locations */
	size_t n_ids, cap_ids;
	struct intern set; /* of locations */
	uint32_t *of_node; /* location of each stack node, INTERN_NONE: not asked yet */
	size_t n_of_node;
	uint32_t *of_made; /* location of each address that snapshot_save made up, the same way */
	size_t n_of_made;
	uint32_t *chain; /* the traceback in the making */
	size_t chain_cap;
};

/* What a snapshot asks a locator by. */
struct located {
	struct locator *locator;
	uint64_t limit; /* how many physical frames count at most */
};

/* Makes a table of locations larger; what is new in it was not asked yet. */
static void room_for(uint32_t **table, size_t *n, size_t wanted)
{
	*table = xreallocarray(*table, wanted, sizeof **table);
	memset(*table + *n, 0xff, (wanted - *n) * sizeof **table);
	*n = wanted;
}

struct locator *locator_new(struct trace *trace, struct frames *frames, struct symbols *symbols)
{
	struct locator *locator = xcalloc(1, sizeof *locator);

	*locator =
		(struct locator){.trace = trace, .frames = frames, .symbols = symbols, .users = 1};
	intern_init(&locator->set);
	if (trace->process.snapshot)
		room_for(&locator->of_made, &locator->n_of_made, trace->inner->n_names);
	for (size_t i = 0; symbols && i < trace->n_modules; i++) {
		const struct trace_module *module = &trace->modules[i];

		symbols_add_module(symbols, module->id, module->path, module->build_id,
				   module->build_id_size, module->bias);
	}
	return locator;
}

void locator_release(struct locator *locator)
{
	if (!locator || --locator->users)
		return;
	intern_release(&locator->set);
	free(locator->locations);
	free(locator->ids);
	free(locator->of_node);
	free(locator->of_made);
	free(locator->chain);
	free(locator);
}

struct frames *locator_frames(const struct locator *locator)
{
	return locator->frames;
}

static uint64_t location_hash(uint32_t module, uint64_t address)
{
	return hash_mix(address ^ (uint64_t)module << 48);
}

static uint64_t location_hash_of(const void *arg, uint32_t id)
{
	const struct location *location = &((const struct locator *)arg)->locations[id];

	return location_hash(location->module, location->address);
}

static uint32_t string_of(struct locator *locator, const char *text)
{
	return text && *text ? frames_string(locator->frames, text, strlen(text)) : STRING_NONE;
}

/* The name of a module where a file would stand. */
static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *base = slash ? slash + 1 : path;

	return base && *base ? base : "<unknown>";
}

static void add_frame(struct locator *locator, const struct trace_level *level, bool inlined)
{
	struct frame frame = {
		.line = level->file ? level->line : 0,
		.function = string_of(locator, level->function),
		.module = string_of(locator, level->module),
		.has_line = level->file && level->line,
		.allocator = level->function && allocators_has(level->function),
		.inlined = inlined,
	};
	const char *file = level->file ? level->file : base_name(level->module);

	frame.file = frames_string(locator->frames, file, strlen(file));
	if (locator->n_ids == locator->cap_ids) {
		locator->cap_ids = locator->cap_ids * 2 + 64;
		locator->ids = xreallocarray(locator->ids, locator->cap_ids, sizeof *locator->ids);
	}
	locator->ids[locator->n_ids++] = frames_frame(locator->frames, &frame);
}

static const char *module_path(const struct locator *locator, uint32_t module)
{
	return module < locator->trace->n_modules ? locator->trace->modules[module].path : NULL;
}

static void add_recorded(struct locator *locator, const struct trace_name *name)
{
	for (uint32_t i = 0; i < name->n_levels; i++) {
		struct trace_level level = name->levels[i];

		if (!level.module)
			level.module = module_path(locator, name->module);
		add_frame(locator, &level, i + 1 < name->n_levels);
	}
}

static void add_symbols(struct locator *locator, uint32_t module, uint64_t address)
{
	size_t n = 0;
	const struct symbol *symbols = NULL;

	if (locator->symbols && module != MODULE_NONE)
		symbols = symbols_find(locator->symbols, module, address, &n);
	for (size_t i = 0; i < n; i++)
		add_frame(locator,
			  &(struct trace_level){
				  .file = symbols[i].file,
				  .line = symbols[i].line,
				  .function = symbols[i].function,
				  .module = module_path(locator, module),
			  },
			  symbols[i].inlined);
	if (!n)
		add_frame(locator, &(struct trace_level){.module = module_path(locator, module)},
			  false);
}

static uint32_t find_location(struct locator *locator, uint32_t module, uint64_t address)
{
	struct intern *set = &locator->set;
	size_t slot = intern_start(set, location_hash(module, address));
	uint32_t id;

	for (; (id = set->slots[slot]) != INTERN_NONE; slot = intern_next(set, slot))
		if (locator->locations[id].address == address &&
		    locator->locations[id].module == module)
			return id;
	struct location location = {.address = address, .module = module, .first = locator->n_ids};
	const struct trace_name *name = trace_name_find(locator->trace, module, address);

	if (name)
		add_recorded(locator, name);
	else
		add_symbols(locator, module, address);
	location.n = (uint32_t)(locator->n_ids - location.first);
	if (locator->n_locations == locator->cap_locations) {
		locator->cap_locations = locator->cap_locations * 2 + 64;
		locator->locations = xreallocarray(locator->locations, locator->cap_locations,
						   sizeof *locator->locations);
	}
	id = (uint32_t)locator->n_locations++;
	locator->locations[id] = location;
	intern_add(set, slot, id, location_hash_of, locator);
	return id;
}

/* Addresses that snapshot_save made up are small numbers behind the first: a table serves them. */
static uint32_t locate(struct locator *locator, uint32_t module, uint64_t address)
{
	uint64_t made = address - SAVE_FIRST_ADDRESS;

	if (made >= locator->n_of_made || module != MODULE_NONE)
		return find_location(locator, module, address);
	if (locator->of_made[made] == INTERN_NONE)
		locator->of_made[made] = find_location(locator, module, address);
	return locator->of_made[made];
}

/* Borrowed until the next call. */
static const struct location *locate_node(struct locator *locator, uint32_t node)
{
	const struct stacks *stacks = &locator->trace->inner->stacks;

	if (node >= locator->n_of_node)
		room_for(&locator->of_node, &locator->n_of_node, stacks->n_nodes);
	if (locator->of_node[node] == INTERN_NONE)
		locator->of_node[node] =
			locate(locator, stacks->nodes[node].module, stacks->nodes[node].address);
	return &locator->locations[locator->of_node[node]];
}

static void chain_add(struct locator *locator, size_t n, const struct location *location)
{
	if (n + location->n > locator->chain_cap) {
		locator->chain_cap = (n + location->n) * 2;
		locator->chain =
			xreallocarray(locator->chain, locator->chain_cap, sizeof *locator->chain);
	}
	memcpy(locator->chain + n, locator->ids + location->first,
	       location->n * sizeof *locator->chain);
}

static uint32_t find_traceback(void *arg, uint32_t stack)
{
	const struct located *located = arg;
	struct locator *locator = located->locator;
	const struct stacks *stacks = &locator->trace->inner->stacks;
	uint64_t left = located->limit;
	size_t n = 0;

	for (uint32_t node = stacks->stacks[stack].node; node != STACK_ROOT && left; left--) {
		const struct location *location = locate_node(locator, node);

		chain_add(locator, n, location);
		n += location->n;
		node = stacks->nodes[node].parent;
	}
	if (!n) {
		uint32_t unknown = frames_unknown(locator->frames);

		return frames_traceback(locator->frames, &unknown, 1);
	}
	return frames_traceback(locator->frames, locator->chain, n);
}

static uint32_t find_first(void *arg, uint32_t stack, bool show_allocators)
{
	const struct located *located = arg;
	struct locator *locator = located->locator;
	const struct stacks *stacks = &locator->trace->inner->stacks;
	uint64_t left = located->limit;
	uint32_t first = INTERN_NONE;

	for (uint32_t node = stacks->stacks[stack].node; node != STACK_ROOT && left; left--) {
		const struct location *location = locate_node(locator, node);

		if (first == INTERN_NONE)
			first = locator->ids[location->first];
		for (uint32_t i = 0; i < location->n; i++) {
			uint32_t id = locator->ids[location->first + i];

			if (show_allocators || !frames_get(locator->frames, id)->allocator)
				return id;
		}
		node = stacks->nodes[node].parent;
	}
	return first == INTERN_NONE ? frames_unknown(locator->frames) : first;
}

static void each_frame(void *arg, const bool *asked, void (*visit)(void *arg, uint32_t frame),
		       void *visit_arg)
{
	const struct located *located = arg;
	struct locator *locator = located->locator;
	const struct stacks *stacks = &locator->trace->inner->stacks;
	bool whole = located->limit == UINT64_MAX;
	bool *seen = xcalloc(stacks->n_nodes, sizeof *seen);

	for (size_t stack = 0; stack < stacks->n; stack++) {
		uint64_t left = asked[stack] ? located->limit : 0;
		uint32_t node = stacks->stacks[stack].node;

		/* What is above a node that was seen was seen too, if stacks are not cut off. */
		for (; node != STACK_ROOT && left && !(seen[node] && whole); left--) {
			const struct location *location = locate_node(locator, node);

			for (uint32_t i = 0; i < location->n; i++)
				visit(visit_arg, locator->ids[location->first + i]);
			seen[node] = true;
			node = stacks->nodes[node].parent;
		}
	}
	free(seen);
}

static int compare_numbers(const void *key, const void *element)
{
	uint32_t number = *(const uint32_t *)key;
	const struct trace_thread *thread = element;

	return (number > thread->number) - (number < thread->number);
}

static const char *thread_name(void *arg, uint32_t number)
{
	const struct trace *trace = ((struct located *)arg)->locator->trace;
	const struct trace_thread *thread =
		trace->n_threads ? bsearch(&number, trace->threads, trace->n_threads,
					   sizeof *thread, compare_numbers)
				 : NULL;

	return thread ? thread->name : "";
}

/* A program names few domains; of several names the last counts. */
static const char *domain_name(void *arg, uint32_t domain)
{
	const struct trace_private *inner = ((struct located *)arg)->locator->trace->inner;

	for (size_t i = inner->n_domains; i > 0; i--)
		if (inner->domains[i - 1].number == domain)
			return inner->domains[i - 1].name;
	return "";
}

static void release(void *arg)
{
	locator_release(((struct located *)arg)->locator);
	free(arg);
}

struct snapshot_stacks locator_stacks(struct locator *locator, uint64_t limit)
{
	struct located *located = xmalloc(sizeof *located);

	*located = (struct located){locator, limit ? limit : UINT64_MAX};
	locator->users++;
	return (struct snapshot_stacks){
		.n = locator->trace->inner->stacks.n,
		.traceback = find_traceback,
		.first = find_first,
		.each_frame = each_frame,
		.thread_name = thread_name,
		.domain_name = domain_name,
		.release = release,
		.arg = located,
	};
}
