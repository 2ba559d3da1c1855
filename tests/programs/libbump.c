// SPDX-License-Identifier: MIT
/*
 * An allocator that a signal handler may interrupt anywhere: it only ever moves on, and frees
 * nothing. Preloaded behind the tracer by signals_in_malloc's case, so that handlers can interrupt
 * the hooks.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA (64ull << 30)

static _Atomic uintptr_t top;
int bump_allocator = 1;
void *memalign(size_t alignment, size_t size);

static void *bump(size_t alignment, size_t size)
{
	uintptr_t base = top, at;

	if (!base) {
		void *p = mmap(NULL, ARENA, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (atomic_compare_exchange_strong(&top, &base, (uintptr_t)p))
			base = (uintptr_t)p;
		else
			munmap(p, ARENA);
	}
	if (size > 1 << 30) {
		errno = ENOMEM;
		return NULL;
	}
	do
		at = (base + sizeof(size_t) + alignment - 1) & ~(alignment - 1);
	while (!atomic_compare_exchange_weak(&top, &base, at + size));
	((size_t *)at)[-1] = size;
	return (void *)at;
}

void *malloc(size_t size)
{
	return bump(16, size);
}

void *calloc(size_t n, size_t size)
{
	return bump(16, n * size); /* fresh pages are zero */
}

void free(void *p)
{
	(void)p;
}

void *realloc(void *p, size_t size)
{
	void *q = bump(16, size);
	size_t old = p ? ((size_t *)p)[-1] : 0;

	return p && q ? memcpy(q, p, old < size ? old : size) : q;
}

void *memalign(size_t alignment, size_t size)
{
	return bump(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return bump(alignment, size);
}

int posix_memalign(void **p, size_t alignment, size_t size)
{
	return (*p = bump(alignment, size)) ? 0 : ENOMEM;
}
