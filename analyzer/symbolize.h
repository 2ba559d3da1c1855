// SPDX-License-Identifier: MIT
/*
 * A copy of a trace that carries the names of its addresses, so that it can be read anywhere.
 */
#ifndef ANALYZER_SYMBOLIZE_H
#define ANALYZER_SYMBOLIZE_H

#include <stdio.h>

#include "symbols.h"
#include "trace.h"

struct symbolize_counts {
	size_t addresses, lines, functions; /* with a line; with a function, but no line */
};

/*
 * Writes TRACE to OUT as recover does, with what the trace or SYMBOLS know of every look-up address
 * in it. SYMBOLS must neither fold inlined functions nor demangle. False if nothing is readable.
 */
bool symbolize(struct trace *trace, struct symbols *symbols, FILE *out,
	       struct symbolize_counts *counts);

#endif
