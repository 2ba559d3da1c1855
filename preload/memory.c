// SPDX-License-Identifier: MIT
/*
 * Anonymous private mappings.
 */
#include "memory.h"

#include "sys.h"

#define HUGE_PAGE (2u << 20)

void *memory_map(size_t size)
{
	void *memory =
		sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* Most of what is mapped large is touched in a few places: a huge page would be all there. */
	if (memory && size >= HUGE_PAGE)
		sys_madvise(memory, size, MADV_NOHUGEPAGE);
	return memory;
}

void memory_unmap(void *memory, size_t size)
{
	if (memory)
		sys_munmap(memory, size);
}
