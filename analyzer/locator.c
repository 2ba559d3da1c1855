// SPDX-License-Identifier: MIT
/*
 * Chains of addresses to tracebacks.
 */
#include "locator.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "expected.h"
#include "locations.h"
#include "snapshot_save.h"

struct locator {
	struct locations locations;
	unsigned users;
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
	size_t n;	/* stacks of the trace when the snapshot was made */
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

	locator->users = 1;
	locations_init(&locator->locations, trace, frames, symbols);
	if (trace->process.snapshot)
		room_for(&locator->of_made, &locator->n_of_made, trace->inner->n_names);
	return locator;
}

void locator_release(struct locator *locator)
{
	if (!locator || --locator->users)
		return;
	locations_release(&locator->locations);
	free(locator->of_node);
	free(locator->of_made);
	free(locator->chain);
	free(locator);
}

struct frames *locator_frames(const struct locator *locator)
{
	return locator->locations.frames;
}

const uint32_t *locator_find(struct locator *locator, uint32_t module, uint64_t address, size_t *n)
{
	uint32_t id = locations_find(&locator->locations, module, address);

	*n = locator->locations.list[id].n;
	return locator->locations.ids + locator->locations.list[id].first;
}

/* Addresses that snapshot_save made up are small numbers behind the first: a table serves them. */
static uint32_t locate(struct locator *locator, uint32_t module, uint64_t address)
{
	uint64_t made = address - SAVE_FIRST_ADDRESS;

	if (made >= locator->n_of_made || module != MODULE_NONE)
		return locations_find(&locator->locations, module, address);
	if (locator->of_made[made] == INTERN_NONE)
		locator->of_made[made] = locations_find(&locator->locations, module, address);
	return locator->of_made[made];
}

/* Borrowed until the next call. */
static const struct location *locate_node(struct locator *locator, uint32_t node)
{
	const struct stacks *stacks = &locator->locations.trace->inner->stacks;

	if (node >= locator->n_of_node)
		room_for(&locator->of_node, &locator->n_of_node, stacks->n_nodes);
	if (locator->of_node[node] == INTERN_NONE)
		locator->of_node[node] =
			locate(locator, stacks->nodes[node].module, stacks->nodes[node].address);
	return &locator->locations.list[locator->of_node[node]];
}

static void chain_add(struct locator *locator, size_t n, const struct location *location)
{
	if (n + location->n > locator->chain_cap) {
		locator->chain_cap = (n + location->n) * 2;
		locator->chain =
			xreallocarray(locator->chain, locator->chain_cap, sizeof *locator->chain);
	}
	memcpy(locator->chain + n, locator->locations.ids + location->first,
	       location->n * sizeof *locator->chain);
}

static uint32_t find_traceback(void *arg, uint32_t stack)
{
	const struct located *located = arg;
	struct locator *locator = located->locator;
	const struct stacks *stacks = &locator->locations.trace->inner->stacks;
	uint64_t left = located->limit;
	size_t n = 0;

	for (uint32_t node = stacks->stacks[stack].node; node != STACK_ROOT && left; left--) {
		const struct location *location = locate_node(locator, node);

		chain_add(locator, n, location);
		n += location->n;
		node = stacks->nodes[node].parent;
	}
	if (!n) {
		uint32_t unknown = frames_unknown(locator->locations.frames);

		return frames_traceback(locator->locations.frames, &unknown, 1);
	}
	return frames_traceback(locator->locations.frames, locator->chain, n);
}

static uint32_t find_first(void *arg, uint32_t stack, bool show_allocators)
{
	const struct located *located = arg;
	struct locator *locator = located->locator;
	const struct stacks *stacks = &locator->locations.trace->inner->stacks;
	uint64_t left = located->limit;
	uint32_t first = INTERN_NONE;

	for (uint32_t node = stacks->stacks[stack].node; node != STACK_ROOT && left; left--) {
		const struct location *location = locate_node(locator, node);

		if (first == INTERN_NONE)
			first = locator->locations.ids[location->first];
		for (uint32_t i = 0; i < location->n; i++) {
			uint32_t id = locator->locations.ids[location->first + i];

			if (show_allocators ||
			    !frames_get(locator->locations.frames, id)->allocator)
				return id;
		}
		node = stacks->nodes[node].parent;
	}
	return first == INTERN_NONE ? frames_unknown(locator->locations.frames) : first;
}

static void expect(void *arg, const bool *asked, bool tracebacks, bool show_allocators)
{
	const struct located *located = arg;
	const struct locator *locator = located->locator;
	struct expected expected = {
		.trace = locator->locations.trace,
		.symbols = locator->locations.symbols,
		.stacks = asked,
		.n_stacks = located->n,
		.limit = located->limit,
		.show_allocators = show_allocators,
	};

	if (tracebacks)
		expected_tracebacks(&expected);
	else
		expected_first_frames(&expected);
}

static void each_frame(void *arg, const bool *asked, void (*visit)(void *arg, uint32_t frame),
		       void *visit_arg)
{
	const struct located *located = arg;
	struct locator *locator = located->locator;
	const struct stacks *stacks = &locator->locations.trace->inner->stacks;
	bool whole = located->limit == UINT64_MAX;
	bool *seen = xcalloc(stacks->n_nodes, sizeof *seen);

	expect(arg, asked, true, false);
	for (size_t stack = 0; stack < located->n; stack++) {
		uint64_t left = asked[stack] ? located->limit : 0;
		uint32_t node = stacks->stacks[stack].node;

		/* What is above a node that was seen was seen too, if stacks are not cut off. */
		for (; node != STACK_ROOT && left && !(seen[node] && whole); left--) {
			const struct location *location = locate_node(locator, node);

			for (uint32_t i = 0; i < location->n && !seen[node]; i++)
				visit(visit_arg, locator->locations.ids[location->first + i]);
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

static const struct trace_thread *find_thread(const struct trace_thread *threads, size_t n,
					      uint32_t number)
{
	return n ? bsearch(&number, threads, n, sizeof *threads, compare_numbers) : NULL;
}

static const char *thread_name(void *arg, uint32_t number)
{
	const struct trace *trace = ((struct located *)arg)->locator->locations.trace;
	const struct trace_inherited *inherited = &trace->inherited;
	const struct trace_thread *thread = find_thread(trace->threads, trace->n_threads, number);

	if (!thread)
		thread = find_thread(inherited->threads, inherited->n_threads, number);
	return thread ? thread->name : "";
}

/* A program names few domains; of several names the last counts. */
static const char *domain_name(void *arg, uint32_t domain)
{
	const struct trace_private *inner =
		((struct located *)arg)->locator->locations.trace->inner;

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

	*located = (struct located){
		.locator = locator,
		.limit = limit ? limit : UINT64_MAX,
		.n = locator->locations.trace->inner->stacks.n,
	};
	locator->users++;
	return (struct snapshot_stacks){
		.n = located->n,
		.traceback = find_traceback,
		.first = find_first,
		.each_frame = each_frame,
		.expect = expect,
		.thread_name = thread_name,
		.domain_name = domain_name,
		.release = release,
		.arg = located,
	};
}
