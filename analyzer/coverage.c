// SPDX-License-Identifier: MIT
/*
 * Coverage: each stack is looked up once, and each frame of the tree of calls counted once.
 */
#include "coverage.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "jit_name.h"

struct counting {
	struct coverage *coverage;
	const struct snapshot *snapshot;
	bool *seen; /* by frame id */
	size_t n_seen;
	uint32_t last_name; /* the module string looked for last, */
	bool last_has_line;
	struct coverage_module *last; /* and what was found */
};

/*
 * A module that was unloaded and loaded again has several entries of one path. If its file was
 * exchanged in between, the frames without a line are those of an entry that has none; apart from
 * that, the first one is charged.
 */
static struct coverage_module *module_find(struct counting *counting, const struct frame *frame)
{
	if (frame->module == STRING_NONE)
		return NULL;
	if (frame->module == counting->last_name && frame->has_line == counting->last_has_line)
		return counting->last;
	const char *path = frames_text(counting->snapshot->frames, frame->module, NULL);

	counting->last_name = frame->module;
	counting->last_has_line = frame->has_line;
	counting->last = NULL;
	for (size_t i = 0; i < counting->coverage->n_modules; i++) {
		struct coverage_module *module = &counting->coverage->modules[i];
		bool fits = (module->debug == SYMBOLS_DWARF) == frame->has_line;

		if ((counting->last && !fits) || strcmp(module->module->path, path) != 0)
			continue;
		counting->last = module;
		if (fits)
			break;
	}
	return counting->last;
}

static bool is_new(struct counting *counting, uint32_t id)
{
	if (id >= counting->n_seen) {
		size_t n = 2 * (size_t)id + 64;

		counting->seen = xreallocarray(counting->seen, n, sizeof *counting->seen);
		memset(counting->seen + counting->n_seen, 0,
		       (n - counting->n_seen) * sizeof *counting->seen);
		counting->n_seen = n;
	}
	bool seen = counting->seen[id];

	counting->seen[id] = true;
	return !seen;
}

static void generated_count(struct counting *counting, const struct frame *frame)
{
	const char *module = frame->module == STRING_NONE
				     ? ""
				     : frames_text(counting->snapshot->frames, frame->module, NULL);

	counting->coverage->generated_frames += strcmp(module, JIT_MODULE) == 0;
	counting->coverage->unnamed_frames +=
		!*module && frame->function == STRING_NONE && !frame->has_line;
}

static void frame_count(struct counting *counting, uint32_t id)
{
	const struct frame *frame = frames_get(counting->snapshot->frames, id);
	struct coverage_module *module = module_find(counting, frame);
	enum symbols_debug debug = frame->has_line ? SYMBOLS_DWARF : SYMBOLS_SYMTAB;

	bool new = is_new(counting, id);

	if (!module && new)
		generated_count(counting, frame);
	if (!frame->has_line) {
		counting->coverage->unresolved_frames += new;
		if (module)
			module->frames++;
	}
	/* Names may also come from the trace itself, where there is no file to look at. */
	if (module && frame->function != STRING_NONE && module->debug != SYMBOLS_DWARF &&
	    module->debug != debug)
		module->debug = debug;
}

static void visit_frame(void *arg, uint32_t id)
{
	frame_count(arg, id);
}

static void traces_count(struct counting *counting, struct snapshot *snapshot)
{
	size_t n = snapshot_stacks(snapshot);
	uint64_t *sizes = xcalloc(n, sizeof *sizes);
	bool *live = xcalloc(n, sizeof *live);

	for (size_t i = 0; i < snapshot->n_traces; i++) {
		sizes[snapshot->traces[i].stack] += snapshot->traces[i].size;
		live[snapshot->traces[i].stack] = true;
	}
	snapshot_each_frame(snapshot, live, visit_frame, counting);
	for (size_t stack = 0; stack < n; stack++) {
		if (!live[stack])
			continue;
		const struct frame *first = frames_get(
			snapshot->frames, snapshot_first_frame(snapshot, (uint32_t)stack));
		struct coverage_module *module =
			first->has_line ? NULL : module_find(counting, first);

		if (module)
			module->size += sizes[stack];
	}
	free(sizes);
	free(live);
}

void coverage_init(struct coverage *coverage, const struct trace *trace, struct symbols *symbols,
		   struct snapshot *snapshot)
{
	struct counting counting = {
		.coverage = coverage, .snapshot = snapshot, .last_name = STRING_NONE};

	*coverage = (struct coverage){.n_modules = trace->n_modules};
	coverage->modules = xcalloc(trace->n_modules, sizeof *coverage->modules);
	symbols_load_all(symbols);
	for (size_t i = 0; i < trace->n_modules; i++) {
		coverage->modules[i].module = &trace->modules[i];
		coverage->modules[i].debug = symbols_module_debug(symbols, trace->modules[i].id);
	}
	traces_count(&counting, snapshot);
	/* What was found damaged while it was asked. */
	for (size_t i = 0; i < trace->n_modules; i++)
		if (symbols_module_debug(symbols, trace->modules[i].id) == SYMBOLS_DAMAGED)
			coverage->modules[i].debug = SYMBOLS_DAMAGED;
	free(counting.seen);
}

void coverage_release(struct coverage *coverage)
{
	free(coverage->modules);
	*coverage = (struct coverage){0};
}

unsigned coverage_level(const struct coverage_module *module)
{
	return module->debug == SYMBOLS_DWARF ? 0 : module->debug == SYMBOLS_SYMTAB ? 1 : 2;
}

void coverage_count(const struct coverage *coverage, size_t counts[3])
{
	counts[0] = counts[1] = counts[2] = 0;
	for (size_t i = 0; i < coverage->n_modules; i++)
		counts[coverage_level(&coverage->modules[i])]++;
}
