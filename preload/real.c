// SPDX-License-Identifier: MIT
/*
 * dlsym(RTLD_NEXT) for each interposed function. All exist in glibc 2.35; names that a libc may
 * lack are never looked up, because the failure would allocate a message through malloc.
 */
#include "real.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

struct real real;
char boot_arena[BOOT_ARENA_SIZE] __attribute__((aligned(16)));
static size_t boot_used;
static uintptr_t allocator_start, allocator_size;

static void find_allocator(const struct real *found)
{
	struct dl_find_object allocator, libc;

	if (_dl_find_object((void *)found->malloc, &allocator) ||
	    _dl_find_object((void *)found->_exit, &libc) ||
	    allocator.dlfo_map_start == libc.dlfo_map_start)
		return;
	allocator_start = (uintptr_t)allocator.dlfo_map_start;
	allocator_size = (uintptr_t)allocator.dlfo_map_end - allocator_start;
}

void real_find(void)
{
	struct real found;

#define REAL_FIND(result, name, parameters) *(void **)&found.name = dlsym(RTLD_NEXT, #name);
	REAL_FUNCTIONS(REAL_FIND)
#undef REAL_FIND
	find_allocator(&found);
	real = found;
}

bool real_has_allocator(void)
{
	return allocator_size != 0;
}

bool real_is_allocator(uintptr_t pc)
{
	return pc - allocator_start < allocator_size;
}

/* Only the first thread runs this early, so there is nothing to lock. */
void *boot_allocate(size_t alignment, size_t size)
{
	enum { LEAST = 16 }; /* also what the size takes in front of the block */
	size_t mask = (alignment > LEAST ? alignment : LEAST) - 1;
	uintptr_t arena = (uintptr_t)boot_arena;
	size_t at = ((arena + boot_used + LEAST + mask) & ~mask) - arena;

	if (size > BOOT_ARENA_SIZE || at > BOOT_ARENA_SIZE - size) {
		errno = ENOMEM;
		return NULL;
	}
	boot_used = at + size;
	memcpy(boot_arena + at - LEAST, &size, sizeof size);
	return boot_arena + at;
}

size_t boot_size(const void *pointer)
{
	size_t size;

	memcpy(&size, (const char *)pointer - 16, sizeof size);
	return size;
}
