// SPDX-License-Identifier: MIT
/*
 * Addresses are gathered while recover looks at each block, looked up in the order of modules, and
 * written as names chunks behind everything that they are about.
 */
#include "symbolize.h"

#include <stdlib.h>

#include "common/event.h"
#include "common/hash.h"
#include "die.h"
#include "locator.h"
#include "names_writer.h"
#include "recover.h"
#include "replay.h"
#include "snapshot_save.h"

#define RECENT 16384u

struct spot {
	uint64_t address;
	uint32_t module; /* index in trace->modules */
};

/* A frame is mostly one of those met lately: nothing has to be looked for. */
struct recent {
	uint64_t address, generation; /* generation + 1; 0: none */
};

struct symbolizing {
	struct trace *trace;
	struct symbols *symbols;
	struct locator *locator;
	struct frames *frames;
	struct symbolize_counts *counts;
	struct spot *spots;
	size_t n, cap;
	struct intern set; /* of spots */
	struct recent recent[RECENT];
};

static uint64_t spot_hash(const struct spot *spot)
{
	return hash_mix(spot->address ^ (uint64_t)spot->module << 48);
}

static uint64_t spot_hash_of(const void *arg, uint32_t id)
{
	return spot_hash(&((const struct symbolizing *)arg)->spots[id]);
}

static void add_spot(struct symbolizing *all, uint64_t address, uint32_t module)
{
	struct spot spot = {address, module};
	struct intern *set = &all->set;
	size_t slot = intern_start(set, spot_hash(&spot));
	uint32_t id;

	for (; (id = set->slots[slot]) != INTERN_NONE; slot = intern_next(set, slot))
		if (all->spots[id].address == address && all->spots[id].module == module)
			return;
	if (all->n == all->cap) {
		all->cap = all->cap * 2 + 1024;
		all->spots = xreallocarray(all->spots, all->cap, sizeof *all->spots);
	}
	all->spots[all->n] = spot;
	intern_add(set, slot, (uint32_t)all->n++, spot_hash_of, all);
}

static void visit_words(void *arg, const uint64_t *words, size_t n, bool stamped)
{
	struct symbolizing *all = arg;
	struct raw_words raw = {words, words + n, stamped, false};
	struct raw_event event;
	uint64_t generation = 0;

	while (raw_next(&raw, &event)) {
		if (event.kind == EVENT_MODULES)
			generation = event.address;
		for (uint32_t i = 0; i < event.pushed; i++) {
			uint64_t address = event.frames[i];
			struct recent *recent = &all->recent[hash_mix(address) % RECENT];

			if (recent->address == address && recent->generation == generation + 1)
				continue;
			*recent = (struct recent){address, generation + 1};
			add_spot(all, address,
				 module_map_find(&all->trace->inner->map, address, generation));
		}
	}
}

static void add_stack(struct symbolizing *all, uint32_t stack)
{
	const struct stacks *stacks = &all->trace->inner->stacks;

	for (uint32_t node = stacks->stacks[stack].node; node != STACK_ROOT;
	     node = stacks->nodes[node].parent)
		add_spot(all, stacks->nodes[node].address, stacks->nodes[node].module);
}

/* Where what a forked child inherited was allocated: its ancestors' traces may have no names. */
static void visit_inherited(struct symbolizing *all)
{
	struct snapshot *snapshot;
	struct moment start;
	char *message = NULL;

	moment_parse("start", &start);
	if (!all->trace->inner->n_ancestors || replay(all->trace, &start, 1, all->frames, NULL,
						      &snapshot, NULL, NULL, NULL, &message) < 0) {
		free(message);
		return;
	}
	bool *seen = xcalloc(snapshot_stacks(snapshot), sizeof *seen);

	for (size_t i = 0; i < snapshot->n_traces; i++) {
		uint32_t stack = snapshot->traces[i].stack;

		if (!seen[stack])
			add_stack(all, stack);
		seen[stack] = true;
	}
	free(seen);
	snapshot_free(snapshot);
}

static int compare_spots(const void *left, const void *right)
{
	const struct spot *a = left, *b = right;

	if (a->module != b->module)
		return a->module < b->module ? -1 : 1;
	return (a->address > b->address) - (a->address < b->address);
}

/* Counts an address; false when nothing is known about it. */
static bool count(struct symbolizing *all, const uint32_t *ids, size_t n)
{
	bool line = false, function = false;

	for (size_t i = 0; i < n; i++) {
		const struct frame *frame = frames_get(all->frames, ids[i]);

		line |= frame->has_line;
		function |= frame->function != STRING_NONE;
	}
	all->counts->lines += line;
	all->counts->functions += function && !line;
	return line || function;
}

/* The string of a module's path; STRING_NONE for none. */
static uint32_t path_of(const struct symbolizing *all, uint32_t module)
{
	const char *path = module == MODULE_NONE ? "" : all->trace->modules[module].path;

	return *path ? frames_string(all->frames, path, strlen(path)) : STRING_NONE;
}

/* All at once, on all cores; what is named with a line already is not looked up. */
static void look_up(const struct symbolizing *all)
{
	struct symbols_query *queries = xreallocarray(NULL, all->n + 1, sizeof *queries);
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		struct spot spot = all->spots[i];
		const struct trace_name *name =
			trace_name_find(all->trace, spot.module, spot.address);

		if (spot.module != MODULE_NONE && !(name && trace_name_has_line(name)))
			queries[n++] = (struct symbols_query){.address = spot.address,
							      .module = spot.module};
	}
	symbols_find_all(all->symbols, queries, n);
	free(queries);
}

static void write_names(void *arg, struct chunk_writer *writer)
{
	struct symbolizing *all = arg;
	const struct trace_private *inner = all->trace->inner;
	struct names_writer names;
	size_t n;

	save_inherited_modules(writer, all->trace);
	visit_inherited(all);
	/* Names of addresses that are in no stack, or in none that is readable, stay too. */
	for (size_t i = 0; i < inner->n_names; i++)
		add_spot(all, inner->names[i].address, inner->names[i].module);
	if (all->n)
		qsort(all->spots, all->n, sizeof *all->spots, compare_spots);
	look_up(all);
	names_writer_init(&names, writer, all->frames);
	for (size_t i = 0; i < all->n; i++) {
		struct spot spot = all->spots[i];
		const uint32_t *ids = locator_find(all->locator, spot.module, spot.address, &n);
		uint64_t module = spot.module == MODULE_NONE ? NAMES_NO_MODULE
							     : inner->module_ids[spot.module];

		/* What a snapshot has of an address may be its module alone. */
		if (count(all, ids, n) || trace_name_find(all->trace, spot.module, spot.address))
			names_writer_put(&names, module, path_of(all, spot.module), spot.address,
					 ids, n);
	}
	all->counts->addresses = all->n;
	names_writer_end(&names);
}

bool symbolize(struct trace *trace, struct symbols *symbols, FILE *out,
	       struct symbolize_counts *counts)
{
	struct symbolizing *all = xcalloc(1, sizeof *all);

	*counts = (struct symbolize_counts){0};
	all->trace = trace;
	all->symbols = symbols;
	all->frames = frames_new();
	all->locator = locator_new(trace, all->frames, symbols);
	all->counts = counts;
	intern_init(&all->set);
	bool some = recover_with_names(trace, out,
				       &(struct recover_names){visit_words, write_names, all});

	locator_release(all->locator);
	frames_free(all->frames);
	intern_release(&all->set);
	free(all->spots);
	free(all);
	return some;
}
