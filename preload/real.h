// SPDX-License-Identifier: MIT
/*
 * The next definitions of what is interposed, and the arena for what is allocated before they are
 * known: by dlsym, and by a library of the program that is initialised even before this one.
 */
#ifndef PRELOAD_REAL_H
#define PRELOAD_REAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* On each definition that exports.map names; everything else is hidden. */
#define EXPORT __attribute__((visibility("default")))

/* Every interposed function that is forwarded: result, name, parameters. */
#define REAL_FUNCTIONS(F)                                                                          \
	F(void *, malloc, (size_t))                                                                \
	F(void, free, (void *))                                                                    \
	F(void *, calloc, (size_t, size_t))                                                        \
	F(void *, realloc, (void *, size_t))                                                       \
	F(int, posix_memalign, (void **, size_t, size_t))                                          \
	F(void *, aligned_alloc, (size_t, size_t))                                                 \
	F(void *, memalign, (size_t, size_t))                                                      \
	F(void *, valloc, (size_t))                                                                \
	F(void *, pvalloc, (size_t))                                                               \
	F(int, dlclose, (void *))                                                                  \
	F(void *, mmap, (void *, size_t, int, int, int, off_t))                                    \
	F(int, munmap, (void *, size_t))                                                           \
	F(void *, mremap, (void *, size_t, size_t, int, ...))                                      \
	F(int, mprotect, (void *, size_t, int))                                                    \
	F(int, pkey_mprotect, (void *, size_t, int, int))                                          \
	F(void, _exit, (int))                                                                      \
	F(void, quick_exit, (int))                                                                 \
	F(pid_t, fork, (void))                                                                     \
	F(pid_t, _Fork, (void))                                                                    \
	F(int, daemon, (int, int))                                                                 \
	F(int, execve, (const char *, char *const *, char *const *))                               \
	F(int, execvpe, (const char *, char *const *, char *const *))                              \
	F(int, fexecve, (int, char *const *, char *const *))                                       \
	F(int, execveat, (int, const char *, char *const *, char *const *, int))

struct real {
#define REAL_POINTER(result, name, parameters) result(*name) parameters;
	REAL_FUNCTIONS(REAL_POINTER)
#undef REAL_POINTER
};

extern struct real real;

/* Looks all of them up; until it has returned, allocations come from the boot arena. */
void real_find(void);

/*
 * `real` for functions that the boot arena cannot stand in for: libraries that are initialised
 * before this one may call them, and by then things can be looked up.
 */
static inline const struct real *real_ready(void)
{
	if (__builtin_expect(!real.dlclose, 0))
		real_find();
	return &real;
}

/*
 * Whether code at `pc` belongs to the library that provides the real malloc, and that is not libc:
 * what it maps is the memory of its blocks.
 */
bool real_is_allocator(uintptr_t pc);
bool real_has_allocator(void); /* there is such a library */

#define BOOT_ARENA_SIZE (1u << 20)
extern char boot_arena[BOOT_ARENA_SIZE];

static inline bool boot_owns(const void *pointer)
{
	return (uintptr_t)pointer - (uintptr_t)boot_arena < BOOT_ARENA_SIZE;
}

/*
 * Zeroed, aligned to a power of two and to 16, never freed; NULL and errno when the arena is used up.
 */
void *boot_allocate(size_t alignment, size_t size);
/* Bytes that a boot block may be read for when it is moved by realloc. */
size_t boot_size(const void *pointer);

#endif
