// SPDX-License-Identifier: MIT
/*
 * The only memory the library may use: anonymous mappings of its own, never malloc's.
 */
#ifndef PRELOAD_MEMORY_H
#define PRELOAD_MEMORY_H

#include <stddef.h>

/* Zeroed memory in whole pages, or NULL. Untouched pages cost nothing. Any thread. */
void *memory_map(size_t size);

/*
 * What *link leads to: memory of that size, which is mapped if there is none yet. Another thread may
 * be as quick; then its memory counts. NULL: there is none to be had.
 */
void *memory_map_at(void **link, size_t size);

static inline void *memory_map_once(void **link, size_t size)
{
	void *found = __atomic_load_n(link, __ATOMIC_ACQUIRE);

	return __builtin_expect(found != NULL, 1) ? found : memory_map_at(link, size);
}

/* Gives back what memory_map returned for the same size; NULL is fine. */
void memory_unmap(void *memory, size_t size);

/* What a mapping of that size takes: asking for all of it costs no more. */
size_t memory_whole_pages(size_t size);

/* Bytes that are mapped so, whole pages. */
size_t memory_mapped(void);

#endif
