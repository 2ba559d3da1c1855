// SPDX-License-Identifier: MIT
/*
 * What stands for malloc in the tests of the unwinder: hooks that walk the stack and note how the
 * result differs from libunwind's, and callers of many shapes.
 */
#ifndef TESTS_WALKED_STACK_H
#define TESTS_WALKED_STACK_H

#include "preload/unwind.h"

/* What a hook saw: added up, so that failures deep in a recursion are reported once. */
struct seen {
	struct unwinder *unwinder;
	uint64_t *before;   /* the stack of the previous walk */
	uint64_t *expected; /* libunwind's, innermost first */
	uint32_t n_before;
	uint32_t generation;
	unsigned walks, different, incomplete, wrong_kept;
	unsigned long kept;
	uint32_t depth; /* of the last walk */
};

/* Of this thread, like all that follows. */
extern __thread struct seen seen;
extern __thread uint32_t random_state;

void *map_zeros(size_t size);
void seen_begin(void);
void seen_end(void);

/* At least so many walks, all of them right; then seen_end(). */
void check_seen(unsigned walks_at_least);

/* Stands for malloc. */
void hook(void);

/* The same without libunwind, which does not go through code that nothing describes. */
void hook_alone(void);

/* Calls the hook from up to `depth` frames of several shapes, in a random order. */
void climb(unsigned depth);

/* Climbs and keeps values in all callee-saved registers meanwhile. */
unsigned busy_frame(unsigned depth, unsigned a, unsigned b, unsigned c, unsigned d);

/* At a function's end: the call before it stays a call. */
#define KEEP_FRAME() __asm__ volatile("" ::: "memory")

#endif
