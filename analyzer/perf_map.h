// SPDX-License-Identifier: MIT
/*
 * Perf map: where the code that a JIT compiler made lies, and what it is called; lines of
 * "START SIZE NAME" with hexadecimal numbers, in the order in which they were written.
 *
 * Memory for code is used again, so of two lines that overlap the later one counts. Lines that are
 * none are skipped. At most TMZ_PERF_MAP_MAX bytes of text are kept; the index over them is made
 * when it is first asked for and takes a few times as much for the shortest lines.
 */
#ifndef ANALYZER_PERF_MAP_H
#define ANALYZER_PERF_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct perf_map { /* zeroed: an empty one */
	char *text;
	size_t size, cap;
	uint64_t end; /* in the file, of what was added last */
	bool cut;     /* the file had more */
	bool loaded;  /* from the disk: the trace itself has nothing of it */
	bool indexed;
	struct perf_symbol *symbols; /* disjoint, by address */
	size_t n_symbols, n_lines;
};

/* Adds TEXT, which begins at OFFSET of a file. A hole before it ends a line. */
void perf_map_add(struct perf_map *map, uint64_t offset, const char *text, size_t size);
/* Adds what a chunk holds; false if that is no piece of a map. */
bool perf_map_read(struct perf_map *map, const uint8_t *payload, size_t size);

/* The name of the code at ADDRESS, not NUL-terminated, borrowed; NULL: none. */
const char *perf_map_find(struct perf_map *map, uint64_t address, size_t *size);
/* How many lines name code. */
size_t perf_map_lines(struct perf_map *map);

void perf_map_release(struct perf_map *map);

#endif
