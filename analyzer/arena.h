// SPDX-License-Identifier: MIT
/*
 * Memory that is freed all at once: what a trace or a command keeps to its end.
 */
#ifndef ANALYZER_ARENA_H
#define ANALYZER_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *block; /* the newest; a zeroed arena is empty */
	size_t used;
};

/* SIZE bytes, aligned for any type, not cleared. They never move. */
void *arena_get(struct arena *arena, size_t size);
/* A copy, with a NUL behind it. */
char *arena_text(struct arena *arena, const char *text, size_t size);
void *arena_copy(struct arena *arena, const void *bytes, size_t size);
void arena_release(struct arena *arena);

#endif
