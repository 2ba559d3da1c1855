// SPDX-License-Identifier: MIT
/*
 * The frames that look-up addresses stand for: each address is named once, by the trace itself where
 * it has a line for it, else by a perf map or the symbols service.
 */
#ifndef ANALYZER_LOCATIONS_H
#define ANALYZER_LOCATIONS_H

#include "frames.h"
#include "intern.h"
#include "name_map.h"
#include "symbols.h"
#include "trace_private.h"

struct location {
	uint64_t address;
	uint32_t module;
	uint32_t n;   /* frames, innermost first; at least 1 */
	size_t first; /* in ids */
};

struct locations {
	struct trace *trace;
	struct frames *frames;
	struct symbols *symbols; /* may be NULL */
	bool no_inlines, no_demangle;
	struct name_map readable; /* see demangle_kept */
	struct location *list;
	size_t n, cap;
	uint32_t *ids; /* frames of all */
	size_t n_ids, cap_ids;
	struct intern set;
};

/* Borrows all three, and makes the modules of TRACE known to SYMBOLS. */
void locations_init(struct locations *locations, struct trace *trace, struct frames *frames,
		    struct symbols *symbols);
void locations_release(struct locations *locations);

/* The number of an address in a module of the trace (MODULE_NONE: in none) in the list. */
uint32_t locations_find(struct locations *locations, uint32_t module, uint64_t address);

#endif
