// SPDX-License-Identifier: MIT
/*
 * How much of a snapshot has names and lines, and which modules are to blame for the rest.
 */
#ifndef ANALYZER_COVERAGE_H
#define ANALYZER_COVERAGE_H

#include "snapshot.h"
#include "symbols.h"
#include "trace.h"

struct coverage_module {
	const struct trace_module *module;
	enum symbols_debug debug;
	uint64_t size; /* of live blocks whose first frame is in the module and has no line */
	/* Without a line, in tracebacks of live blocks; callers that several share count once. */
	uint64_t frames;
};

struct coverage {
	struct coverage_module *modules; /* as in the trace */
	size_t n_modules;
	uint64_t
		unresolved_frames; /* different frames without a line, those in no module included */
	uint64_t generated_frames; /* different frames of generated code that a perf map names */
	uint64_t unnamed_frames;   /* different frames in no module that nothing names */
};

/* Looks up every frame of the snapshot and loads every module. */
void coverage_init(struct coverage *coverage, const struct trace *trace, struct symbols *symbols,
		   struct snapshot *snapshot);
void coverage_release(struct coverage *coverage);

/* Modules with lines, with names only, with nothing. */
void coverage_count(const struct coverage *coverage, size_t counts[3]);
/* 0, 1 or 2: where coverage_count counts the module. */
unsigned coverage_level(const struct coverage_module *module);

#endif
