// SPDX-License-Identifier: MIT
/*
 * Anonymous private mappings.
 */
#include "memory.h"

#include "sys.h"

#define HUGE_PAGE (2u << 20)
#define PAGE 4096

static size_t mapped;

size_t memory_whole_pages(size_t size)
{
	return (size + PAGE - 1) / PAGE * PAGE;
}

void *memory_map(size_t size)
{
	void *memory =
		sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory)
		__atomic_add_fetch(&mapped, memory_whole_pages(size), __ATOMIC_RELAXED);
	/* Most of what is mapped large is touched in a few places: a huge page would be all there. */
	if (memory && size >= HUGE_PAGE)
		sys_madvise(memory, size, MADV_NOHUGEPAGE);
	return memory;
}

void *memory_map_at(void **link, size_t size)
{
	void *found = NULL, *made = memory_map(size);

	if (!made || __atomic_compare_exchange_n(link, &found, made, false, __ATOMIC_ACQ_REL,
						 __ATOMIC_ACQUIRE))
		return made;
	memory_unmap(made, size);
	return found;
}

void memory_unmap(void *memory, size_t size)
{
	if (!memory)
		return;
	sys_munmap(memory, size);
	__atomic_sub_fetch(&mapped, memory_whole_pages(size), __ATOMIC_RELAXED);
}

size_t memory_mapped(void)
{
	return __atomic_load_n(&mapped, __ATOMIC_RELAXED);
}
