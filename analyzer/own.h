// SPDX-License-Identifier: MIT
/*
 * Own code: the frames whose lines the reader of a table can change.
 *
 * That is the main program and modules with line information outside /usr and /lib, but not system
 * headers inlined into them, and scripts outside these folders whose code was generated; with --own, what the globs match and nothing else.
 */
#ifndef ANALYZER_OWN_H
#define ANALYZER_OWN_H

#include <stdbool.h>
#include <stddef.h>

#include "frames.h"
#include "trace.h"

struct own {
	const struct frames *frames;
	const char **programs; /* paths of the main program, of several processes of each */
	size_t n_programs;
	const char *const *globs;
	size_t n_globs;
};

/* Borrows everything. */
void own_init(struct own *own, const struct frames *frames, const struct trace *trace,
	      const char *const *globs, size_t n_globs);

void own_release(struct own *own);

bool own_has(const struct own *own, const struct frame *frame);

#endif
