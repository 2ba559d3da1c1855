// SPDX-License-Identifier: MIT
/*
 * The interposed calls that map and unmap memory: domain 1.
 *
 * ORDER RULE, as in intercept.c: what takes addresses away is recorded before the real call, and
 * taken back if that fails; what gives memory, after it. A mapping over others (MAP_FIXED) replaces
 * them in one event, as in the kernel: nobody else can get those addresses between. There is no
 * table of mappings here: an event says which range goes, and the analyzer knows what was there.
 *
 * What an allocator maps is the memory of its blocks, which are recorded already: calls that meet
 * the guard, or that come from the library that provides malloc, are not. The calls of libc and
 * ld.so themselves do not come by here.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>

#include "common/event.h"
#include "real.h"
#include "record.h"
#include "sys.h"
#include "thread.h"

#define PAGE_SIZE ((size_t)4096)
#define HUGE_SIZE ((size_t)2 << 20) /* of MAP_HUGETLB that does not say */
#define HUGE_SHIFT 26
#define HUGE_MASK 0x3f
#define ACCESS (PROT_READ | PROT_WRITE | PROT_EXEC)

static inline struct hook enter(struct unwind_start start)
{
	if (real_is_allocator(unwind_start_pc(start)))
		return (struct hook){0};
	struct hook hook = thread_enter(start.frame);

	return hook.nested ? (struct hook){0} : hook;
}

/* The kernel maps whole pages; 0 for what it refuses. */
static size_t whole_pages(size_t size, size_t page)
{
	return (size + page - 1) / page * page;
}

static size_t page_size(int flags)
{
	unsigned shift = (unsigned)flags >> HUGE_SHIFT & HUGE_MASK;

	if (!(flags & MAP_HUGETLB))
		return PAGE_SIZE;
	return shift ? (size_t)1 << shift : HUGE_SIZE;
}

/* Before the constructor has run: as the real functions, errno included. */
static long plain_call(long number, long a, long b, long c, long d, long e, long f)
{
	long result = sys_trap(number, a, b, c, d, e, f);

	if (result >= 0 || result < -4095)
		return result;
	errno = (int)-result;
	return -1;
}

static void *map(void *at, size_t size, int protection, int flags, int fd, off_t offset,
		 struct unwind_start start)
{
	if (__builtin_expect(!real.mmap, 0))
		return (void *)plain_call(SYS_mmap, (long)at, (long)size, protection, flags, fd,
					  offset);
	struct hook hook = enter(start);
	void *result = real.mmap(at, size, protection, flags, fd, offset);

	if (flags & MAP_FIXED)
		unwind_memory_gone();
	if (hook.thread && result != MAP_FAILED)
		record_track(hook, DOMAIN_MAPPED, result, whole_pages(size, page_size(flags)),
			     protection & ACCESS ? 0 : EVENT_RESERVED, start);
	thread_leave(hook);
	return result;
}

EXPORT void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	return map(at, size, protection, flags, fd, offset, UNWIND_START());
}

EXPORT void *mmap64(void *at, size_t size, int protection, int flags, int fd, off64_t offset)
{
	return map(at, size, protection, flags, fd, offset, UNWIND_START());
}

/* Records that a range is about to go; false if there is nothing to record, or it cannot be. */
static bool goes(struct hook hook, const void *address, size_t size, unsigned flags)
{
	size_t pages = whole_pages(size, PAGE_SIZE);

	if (!hook.thread || !pages || (uintptr_t)address % PAGE_SIZE)
		return false;
	return record_unmap(hook, address, pages, flags);
}

EXPORT int munmap(void *address, size_t size)
{
	if (__builtin_expect(!real.munmap, 0))
		return (int)plain_call(SYS_munmap, (long)address, (long)size, 0, 0, 0, 0);
	struct hook hook = enter(UNWIND_START());
	bool gone = goes(hook, address, size, 0);
	int result = real.munmap(address, size);

	if (!result)
		unwind_memory_gone();
	if (gone && result)
		record_undo_unmap(hook);
	thread_leave(hook);
	return result;
}

/* The old pages stay mapped where there are none (old_size 0 makes a second mapping) or as told. */
static void *remap(void *old, size_t old_size, size_t size, int flags, void *at,
		   struct unwind_start start)
{
	struct hook hook = enter(start);
	bool gone = !(flags & MREMAP_DONTUNMAP) && goes(hook, old, old_size, EVENT_RESIZE);
	void *result = real.mremap(old, old_size, size, flags, at);

	unwind_memory_gone();
	if (flags & MREMAP_FIXED)
		unwind_memory_gone();
	if (hook.thread && result != MAP_FAILED)
		record_track(hook, DOMAIN_MAPPED, result, whole_pages(size, PAGE_SIZE),
			     gone ? EVENT_RESIZE : 0, start);
	else if (gone)
		record_undo_unmap(hook);
	thread_leave(hook);
	return result;
}

EXPORT void *mremap(void *old, size_t old_size, size_t size, int flags, ...)
{
	void *at = NULL;

	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) {
		va_list rest;

		va_start(rest, flags);
		at = va_arg(rest, void *);
		va_end(rest);
	}
	if (__builtin_expect(!real.mremap, 0))
		return (void *)plain_call(SYS_mremap, (long)old, (long)old_size, (long)size, flags,
					  (long)at, 0);
	return remap(old, old_size, size, flags, at, UNWIND_START());
}

/*
 * What follows the real call: in both directions, as the addresses stay the caller's. What had access
 * and what had none only the analyzer knows; for most calls nothing changes.
 */
static void access_set(struct hook hook, const void *address, size_t size, int protection,
		       bool done, struct unwind_start start)
{
	size_t pages = whole_pages(size, PAGE_SIZE);

	if (!(protection & PROT_READ))
		unwind_memory_gone();
	if (hook.thread && pages && done) {
		if (protection & ACCESS)
			record_track(hook, DOMAIN_MAPPED, address, pages, EVENT_COMMIT, start);
		else
			record_unmap(hook, address, pages, EVENT_RESERVED);
	}
	thread_leave(hook);
}

EXPORT int mprotect(void *address, size_t size, int protection)
{
	if (__builtin_expect(!real.mprotect, 0))
		return (int)plain_call(SYS_mprotect, (long)address, (long)size, protection, 0, 0,
				       0);
	struct hook hook = enter(UNWIND_START());
	int result = real.mprotect(address, size, protection);

	access_set(hook, address, size, protection, !result, UNWIND_START());
	return result;
}

EXPORT int pkey_mprotect(void *address, size_t size, int protection, int key)
{
	if (__builtin_expect(!real.pkey_mprotect, 0))
		return (int)plain_call(SYS_pkey_mprotect, (long)address, (long)size, protection,
				       key, 0, 0);
	struct hook hook = enter(UNWIND_START());
	int result = real.pkey_mprotect(address, size, protection, key);

	access_set(hook, address, size, protection, !result, UNWIND_START());
	return result;
}
