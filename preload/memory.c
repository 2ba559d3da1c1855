// SPDX-License-Identifier: MIT
/*
 * Anonymous private mappings.
 */
#include "memory.h"

#include "sys.h"

void *memory_map(size_t size)
{
	return sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

void memory_unmap(void *memory, size_t size)
{
	if (memory)
		sys_munmap(memory, size);
}
