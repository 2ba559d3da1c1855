// SPDX-License-Identifier: MIT
/*
 * Ways to stand on a stack and allocate. Each case leaves frames of another kind between main and
 * malloc; whoever walks the stack must get them right. The variants in tests/tests.mk build the
 * same cases with other flags and compilers.
 */
#ifndef TESTS_TORTURE_H
#define TESTS_TORTURE_H

#include <setjmp.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A function with a frame of its own. */
#define APART __attribute__((noinline))

/* At a function's end: the call before it stays a call. */
#define KEEP() __asm__ volatile("" ::: "memory")

/* Allocates from here: `size` bytes, a few times by several functions, and frees it all. */
void take(size_t size);

/* The cases, each in the file of its kind. */
void case_alloca(void);
void case_aligned(void);
void case_huge(void);
void case_deep(void);
void case_tail(void);
void case_noreturn(void);
void case_callbacks(void);
void case_contexts(void);
void case_switch(void);
void case_copied(void);
void case_bare(void);
void case_jump(void);
void case_handler(void);
void case_alternate(void);
void case_exact(void);
void case_storm(void);
void case_vdso(void);

/* Without call frame information, torture_bare.c: call the function. */
void bare_with_pointer(void (*function)(void));
void bare_without_pointer(void (*function)(void));

#ifdef __cplusplus
}
#endif

#endif
