// SPDX-License-Identifier: MIT
/*
 * The interposed malloc family and dlclose.
 *
 * ORDER RULE: free: event before the real call; malloc: after. realloc is both, and takes the free
 * back if the real call failed. Sizes are what was asked for. Failed calls record nothing.
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/event.h"
#include "modules.h"
#include "real.h"
#include "record.h"
#include "thread.h"

/* C23; declared by no header of glibc 2.36. */
void free_sized(void *pointer, size_t size);
void free_aligned_sized(void *pointer, size_t alignment, size_t size);

#define PAGE_SIZE 4096
#define FRAME ((uintptr_t)__builtin_frame_address(0))

static inline void *allocated(struct hook hook, void *pointer, size_t size,
			      struct unwind_start start)
{
	if (hook.thread && pointer)
		record_alloc(hook, pointer, size, 0, start);
	thread_leave(hook);
	return pointer;
}

EXPORT void *malloc(size_t size)
{
	if (__builtin_expect(!real.malloc, 0))
		return boot_allocate(0, size);
	struct hook hook = thread_enter(FRAME);

	return allocated(hook, real.malloc(size), size, UNWIND_START());
}

EXPORT void *calloc(size_t count, size_t size)
{
	if (__builtin_expect(!real.calloc, 0))
		return boot_allocate(0, size && count > BOOT_ARENA_SIZE / size ? SIZE_MAX
									       : count * size);
	struct hook hook = thread_enter(FRAME);

	return allocated(hook, real.calloc(count, size), count * size, UNWIND_START());
}

EXPORT void free(void *pointer)
{
	if (!pointer || boot_owns(pointer))
		return;
	struct hook hook = thread_enter(FRAME);

	if (hook.thread)
		record_free(hook, pointer, 0);
	real.free(pointer);
	thread_leave(hook);
}

EXPORT void free_sized(void *pointer, size_t size)
{
	(void)size;
	free(pointer);
}

EXPORT void free_aligned_sized(void *pointer, size_t alignment, size_t size)
{
	(void)alignment;
	(void)size;
	free(pointer);
}

static inline void *reallocate(void *old, size_t size, uintptr_t frame, struct unwind_start start)
{
	struct hook hook = thread_enter(frame);
	bool freed = hook.thread && old && record_free(hook, old, EVENT_RESIZE);
	void *pointer = real.realloc(old, size);

	if (hook.thread && pointer)
		record_alloc(hook, pointer, size, old ? EVENT_RESIZE : 0, start);
	else if (freed && size)
		record_undo(hook); /* with size 0, NULL means freed */
	thread_leave(hook);
	return pointer;
}

/* A block of the boot arena moves to the heap and is never given back. */
static void *leave_boot(void *old, size_t size)
{
	void *pointer = malloc(size);
	size_t old_size = boot_size(old);

	if (pointer)
		memcpy(pointer, old, old_size < size ? old_size : size);
	return pointer;
}

EXPORT void *realloc(void *old, size_t size)
{
	if (__builtin_expect(boot_owns(old), 0))
		return leave_boot(old, size);
	if (__builtin_expect(!real.realloc, 0))
		return boot_allocate(0, size);
	return reallocate(old, size, FRAME, UNWIND_START());
}

/* Not forwarded: libc's calls realloc by its interposed name, and other allocators have none. */
EXPORT void *reallocarray(void *old, size_t count, size_t size)
{
	size_t product;

	if (__builtin_mul_overflow(count, size, &product)) {
		errno = ENOMEM;
		return NULL;
	}
	if (__builtin_expect(boot_owns(old), 0))
		return leave_boot(old, product);
	if (__builtin_expect(!real.realloc, 0))
		return boot_allocate(0, product);
	return reallocate(old, product, FRAME, UNWIND_START());
}

EXPORT int posix_memalign(void **result, size_t alignment, size_t size)
{
	if (__builtin_expect(!real.posix_memalign, 0)) {
		*result = boot_allocate(alignment, size);
		return *result ? 0 : ENOMEM;
	}
	struct hook hook = thread_enter(FRAME);
	int error = real.posix_memalign(result, alignment, size);

	allocated(hook, error ? NULL : *result, size, UNWIND_START());
	return error;
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
	if (__builtin_expect(!real.aligned_alloc, 0))
		return boot_allocate(alignment, size);
	struct hook hook = thread_enter(FRAME);

	return allocated(hook, real.aligned_alloc(alignment, size), size, UNWIND_START());
}

EXPORT void *memalign(size_t alignment, size_t size)
{
	if (__builtin_expect(!real.memalign, 0))
		return boot_allocate(alignment, size);
	struct hook hook = thread_enter(FRAME);

	return allocated(hook, real.memalign(alignment, size), size, UNWIND_START());
}

EXPORT void *valloc(size_t size)
{
	if (__builtin_expect(!real.valloc, 0))
		return boot_allocate(PAGE_SIZE, size);
	struct hook hook = thread_enter(FRAME);

	return allocated(hook, real.valloc(size), size, UNWIND_START());
}

EXPORT void *pvalloc(size_t size)
{
	if (__builtin_expect(!real.pvalloc, 0))
		return boot_allocate(PAGE_SIZE, size);
	struct hook hook = thread_enter(FRAME);

	return allocated(hook, real.pvalloc(size), size, UNWIND_START());
}

EXPORT int dlclose(void *handle)
{
	int result;

	modules_close_begin();
	result = real_ready()->dlclose(handle);
	modules_close_end();
	return result;
}
