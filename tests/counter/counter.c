// SPDX-License-Identifier: MIT
/*
 * The independent witness: a preload that counts what a program allocates and frees, and nothing
 * else.
 *
 * Stands first in LD_PRELOAD, before the library under test, shares no code with it and keeps no
 * stacks. The counters are words of a MAP_SHARED file, COUNTER_OUTPUT.PID (.1, .2, ... after an
 * exec), so that they hold whatever the process does last, _exit and SIGKILL included;
 * tests/preload/json.py reads them. Lock-free throughout: a signal handler may come anywhere.
 *
 * Its surprise: the table of live blocks is indexed by address / 16 and only reserved, so that
 * memory is touched in proportion to the program's heap; deleted slots stay tombstones.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define SLOTS (1ull << 26)
#define TOMBSTONE 1u

struct counts { /* the file; json.py knows the order */
	char magic[8];
	uint64_t pid;
	_Atomic uint64_t allocations, frees, allocated_bytes;
	_Atomic uint64_t live_count, live_bytes; /* what the process inherited included */
	_Atomic uint64_t unknown_frees;		 /* of blocks that no call here returned */
	_Atomic uint64_t inherited_frees;	 /* of blocks that the parent had allocated */
	char name[16];
};

struct slot {
	_Atomic uintptr_t address;
	uint64_t size : 48, generation : 16; /* generation: how many forks deep it was allocated */
};

static struct counts nowhere;
static struct counts *_Atomic counts;
static _Atomic bool *alive; /* a page that fork wipes: false = we are a new process */
static struct slot *slots;
static unsigned generation;
static _Atomic uint64_t held_count, held_bytes; /* what lives, where a fork copies it */
static char output[4096];
static char boot[65536] __attribute__((aligned(64))); /* serves what dlsym allocates */
static _Atomic size_t boot_used;
static __thread bool resolving;
static __thread bool
	nested; /* in a function that calls another one here by name, as glibc's reallocarray does */

/* A handler that came in here and jumped out would leave the work half done. */
static uint64_t signals_block(void)
{
	uint64_t all = ~0ull, mask = 0;

	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &mask, sizeof mask);
	return mask;
}

static void signals_restore(uint64_t mask)
{
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof mask);
}

static void *next(const char *name)
{
	uint64_t mask = signals_block();

	resolving = true;
	void *symbol = dlsym(RTLD_NEXT, name);
	resolving = false;
	signals_restore(mask);
	return symbol;
}

static void *boot_take(size_t size)
{
	return boot + atomic_fetch_add(&boot_used, (size + 63) & ~(size_t)63);
}

static bool boot_owns(const void *p)
{
	return (const char *)p >= boot && (const char *)p < boot + sizeof boot;
}

/* From /proc, because libc's environ may not be set yet. */
static void output_find(void)
{
	static char text[1 << 20];
	static const char name[] = "COUNTER_OUTPUT=";
	size_t size = 0;
	long n;
	int fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/environ", O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && (n = syscall(SYS_read, fd, text + size, sizeof text - 1 - size)) > 0)
		size += (size_t)n;
	syscall(SYS_close, fd);
	for (char *at = text; at < text + size; at += strlen(at) + 1)
		if (strncmp(at, name, sizeof name - 1) == 0)
			strncpy(output, at + sizeof name - 1, sizeof output - 32);
}

static char *put_number(char *at, unsigned long n)
{
	if (n > 9)
		at = put_number(at, n / 10);
	*at = (char)('0' + n % 10);
	return at + 1;
}

static struct counts *counts_open(void)
{
	char *end = output + strlen(output), *at = end;
	int fd = -1;

	if (!*output)
		return &nowhere;
	for (unsigned i = 0; fd < 0 && i < 100; i++) {
		*at = '.';
		at = put_number(at + 1, (unsigned long)syscall(SYS_getpid));
		if (i) {
			*at = '.';
			at = put_number(at + 1, i);
		}
		*at = '\0';
		fd = (int)syscall(SYS_openat, AT_FDCWD, output,
				  O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		at = end;
	}
	*end = '\0';
	void *map = MAP_FAILED;
	if (fd >= 0 && syscall(SYS_ftruncate, fd, sizeof(struct counts)) == 0)
		map = (void *)syscall(SYS_mmap, NULL, sizeof(struct counts), PROT_READ | PROT_WRITE,
				      MAP_SHARED, fd, 0L);
	syscall(SYS_close, fd);
	if (map == MAP_FAILED)
		abort();
	return map;
}

/* At the first call of the process, and of each forked child. */
static void start(void)
{
	int saved = errno;
	uint64_t mask = signals_block();

	if (alive && *alive)
		goto out;
	if (!alive) {
		output_find();
		slots = (void *)syscall(SYS_mmap, NULL, SLOTS * sizeof *slots,
					PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		alive = (void *)syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		madvise((void *)alive, 4096, MADV_WIPEONFORK);
	} else {
		generation++;
	}
	counts = counts_open();
	counts->pid = (uint64_t)syscall(SYS_getpid);
	int fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/comm", O_RDONLY | O_CLOEXEC);
	syscall(SYS_read, fd, counts->name, sizeof counts->name - 1);
	syscall(SYS_close, fd);
	counts->live_count = held_count;
	counts->live_bytes = held_bytes;
	memcpy(counts->magic, "COUNTER1", 8);
	*alive = true;
out:
	signals_restore(mask);
	errno = saved;
}

static struct counts *counts_get(void)
{
	if (!alive || !*alive)
		start();
	return counts;
}

static struct slot *slot_first(uintptr_t address)
{
	return &slots[(address >> 4) % SLOTS];
}

static struct slot *slot_next(struct slot *slot)
{
	return ++slot == slots + SLOTS ? slots : slot;
}

static void slot_put(void *p, uint64_t size, unsigned born)
{
	for (struct slot *slot = slot_first((uintptr_t)p);; slot = slot_next(slot)) {
		uintptr_t was = slot->address;
		if (was > TOMBSTONE ||
		    !atomic_compare_exchange_strong(&slot->address, &was, (uintptr_t)p))
			continue;
		slot->size = size & ((1ull << 48) - 1);
		slot->generation = born & 0xffff;
		return;
	}
}

static void count_live(uint64_t blocks, uint64_t bytes)
{
	held_count += blocks;
	held_bytes += bytes;
	counts->live_count += blocks;
	counts->live_bytes += bytes;
}

static void count_alloc(void *p, size_t size)
{
	struct counts *c = counts_get();

	if (!p)
		return;
	slot_put(p, size, generation);
	c->allocations++;
	c->allocated_bytes += size;
	count_live(1, size);
}

/* What the end of a block took away, so that a realloc that fails can take it back. */
struct ended {
	bool known, inherited;
	uint64_t size;
};

static struct ended count_free(void *p)
{
	struct ended ended = {false, false, 0};
	struct counts *c = counts_get();

	for (struct slot *slot = slot_first((uintptr_t)p); slot->address; slot = slot_next(slot)) {
		if (slot->address != (uintptr_t)p)
			continue;
		ended = (struct ended){true, slot->generation != (generation & 0xffff), slot->size};
		slot->address = TOMBSTONE;
		break;
	}
	c->frees++;
	c->unknown_frees += !ended.known;
	c->inherited_frees += ended.inherited;
	if (ended.known)
		count_live(-1ull, -ended.size);
	return ended;
}

static void count_undo(void *p, struct ended ended)
{
	struct counts *c = counts_get();

	c->frees--;
	if (!ended.known) {
		c->unknown_frees--;
		return;
	}
	slot_put(p, ended.size, generation - ended.inherited);
	c->inherited_frees -= ended.inherited;
	count_live(1, ended.size);
}

#define REAL(name)                                                                                 \
	static __typeof__(&name) real;                                                             \
	if (!real)                                                                                 \
	real = (__typeof__(&name))next(#name)

EXPORT void *malloc(size_t size)
{
	if (resolving)
		return boot_take(size);
	REAL(malloc);
	void *p = real(size);
	count_alloc(p, size);
	return p;
}

EXPORT void *calloc(size_t n, size_t size)
{
	if (resolving)
		return boot_take(n * size);
	REAL(calloc);
	void *p = real(n, size);
	count_alloc(p, n * size);
	return p;
}

EXPORT void free(void *p)
{
	if (!p || boot_owns(p))
		return;
	REAL(free);
	if (!nested)
		count_free(p);
	real(p);
}

EXPORT void *realloc(void *p, size_t size)
{
	if (resolving)
		return p ? memcpy(boot_take(size), p, size) : boot_take(size);
	REAL(realloc);
	if (nested)
		return real(p, size);
	struct ended ended = {false, false, 0};
	if (p)
		ended = count_free(p);
	void *q = real(p, size);
	if (p && !q && size)
		count_undo(p, ended);
	count_alloc(q, size);
	return q;
}

EXPORT void *reallocarray(void *p, size_t n, size_t size)
{
	REAL(reallocarray);
	struct ended ended = {false, false, 0};
	if (p)
		ended = count_free(p);
	nested = true;
	void *q = real(p, n, size);
	nested = false;
	if (p && !q && n && size)
		count_undo(p, ended);
	count_alloc(q, n * size);
	return q;
}

EXPORT int posix_memalign(void **p, size_t alignment, size_t size)
{
	REAL(posix_memalign);
	int status = real(p, alignment, size);
	if (!status)
		count_alloc(*p, size);
	return status;
}

#define ALIGNED(name)                                                                              \
	EXPORT void *name(size_t alignment, size_t size)                                           \
	{                                                                                          \
		REAL(name);                                                                        \
		void *p = real(alignment, size);                                                   \
		count_alloc(p, size);                                                              \
		return p;                                                                          \
	}
#define PAGED(name)                                                                                \
	EXPORT void *name(size_t size);                                                            \
	EXPORT void *name(size_t size)                                                             \
	{                                                                                          \
		REAL(name);                                                                        \
		void *p = real(size);                                                              \
		count_alloc(p, size);                                                              \
		return p;                                                                          \
	}
void *memalign(size_t alignment, size_t size);
ALIGNED(memalign)
ALIGNED(aligned_alloc)
PAGED(valloc)
PAGED(pvalloc)

/* Of C23; this glibc has none, the library under test may. */
EXPORT void free_sized(void *p, size_t size);
EXPORT void free_sized(void *p, size_t size)
{
	if (!p)
		return;
	REAL(free_sized);
	count_free(p);
	nested = true;
	if (real)
		real(p, size);
	else
		((void (*)(void *))next("free"))(p);
	nested = false;
}

EXPORT void free_aligned_sized(void *p, size_t alignment, size_t size);
EXPORT void free_aligned_sized(void *p, size_t alignment, size_t size)
{
	if (!p)
		return;
	REAL(free_aligned_sized);
	count_free(p);
	nested = true;
	if (real)
		real(p, alignment, size);
	else
		((void (*)(void *))next("free"))(p);
	nested = false;
}
