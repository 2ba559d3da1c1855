// SPDX-License-Identifier: MIT
/*
 * Frames of unusual shapes, and stacks that do not begin where the thread's does.
 */
#include <alloca.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "torture.h"

static void *volatile sink;

APART static void take_calloc(size_t size)
{
	void *block = calloc(1, size);

	sink = block;
	free(block);
}

APART static void take_realloc(size_t size)
{
	void *block = realloc(NULL, size);

	sink = block;
	block = realloc(block, size * 2 + 1);
	sink = block;
	free(block);
}

APART void take(size_t size)
{
	void *block = malloc(size);

	sink = block; /* of all threads, so nobody reads it */
	free(block);
	take_calloc(size);
	take_realloc(size);
	if (posix_memalign(&block, 64, size) == 0)
		free(block);
	KEEP();
}

/* ---- shapes ---- */

APART static unsigned grow(size_t size, unsigned depth)
{
	char *bytes = alloca(size);

	memset(bytes, (int)depth, size);
	sink = bytes;
	take(100);
	unsigned below = depth ? grow(size + 7, depth - 1) : 0;

	bytes = alloca(33); /* the stack pointer moves within the frame */
	sink = bytes;
	take(101);
	return below + (unsigned char)bytes[0] % 2;
}

/*
 * The innermost frames stand at one place with the same return addresses, the ones farther out move,
 * and where they stood before still stands what was there.
 */
APART static void shifted_inner(void)
{
	sink = alloca(24);
	take(110);
}

APART static void shifted_middle(size_t size)
{
	sink = alloca(size);
	shifted_inner();
	KEEP();
}

enum { SHIFTED = 2048 };

APART static void shifted_left(size_t size)
{
	sink = alloca(size);
	shifted_middle(SHIFTED - size);
	KEEP();
}

APART static void shifted_right(size_t size)
{
	sink = alloca(size);
	shifted_middle(SHIFTED - size);
	__asm__ volatile("nop" ::: "memory"); /* or it would be merged with the left one */
}

void case_alloca(void)
{
	for (size_t size = 1; size < 5000; size = size * 3 + 1)
		grow(size, 5);
	for (size_t size = 64; size < 1024; size += 64) {
		shifted_left(size);
		shifted_right(size + 64);
	}
}

/* Realigned, of unknown size, and with arguments on the stack: the CFA is found by an expression. */
APART static long align_and_grow(size_t size, long a, long b, long c, long d, long e, long f,
				 long g)
{
	alignas(64) char aligned[64];
	char *bytes = alloca(size);

	memset(aligned, 1, sizeof aligned);
	sink = aligned;
	sink = bytes;
	take(200);
	return a + b + c + d + e + f + g + aligned[7];
}

APART static int align_much(unsigned depth)
{
	alignas(256) char aligned[256];

	memset(aligned, (int)depth, sizeof aligned);
	sink = aligned;
	take(201);
	int below = depth ? align_much(depth - 1) : 0;

	KEEP();
	return below + aligned[3];
}

/* The alignment is wanted in a branch only: the prologue comes late, if compilers see that. */
APART static int align_late(int deep)
{
	if (!deep)
		return 0;
	alignas(128) char aligned[128];

	sink = memset(aligned, deep, sizeof aligned);
	take(202);
	return align_late(deep - 1) + aligned[0];
}

void case_aligned(void)
{
	for (size_t size = 1; size < 2000; size += 500)
		align_and_grow(size, 1, 2, 3, 4, 5, 6, 7);
	align_much(6);
	align_late(6);
}

APART static char hold_a_lot(unsigned depth)
{
	char bytes[700000];

	sink = bytes;
	bytes[depth] = 1;
	take(300);
	if (depth)
		hold_a_lot(depth - 1);
	take(301);
	return bytes[depth];
}

void case_huge(void)
{
	hold_a_lot(8);
}

APART static unsigned descend(unsigned depth)
{
	if (depth % 3000 == 0)
		take(400);
	unsigned below = depth ? descend(depth - 1) : 0;

	if (depth % 3000 == 1)
		take(401);
	return below * 3 + depth;
}

void case_deep(void)
{
	sink = (void *)(uintptr_t)descend(10000);
}

/* ---- ends of functions ---- */

APART static void tail_last(size_t size)
{
	take(size);
}

APART static void tail_middle(size_t size)
{
	tail_last(size + 1);
}

void case_tail(void)
{
	for (size_t size = 500; size < 510; size++)
		tail_middle(size);
}

static jmp_buf way_out;

__attribute__((noreturn)) APART static void leave(size_t size)
{
	take(size);
	longjmp(way_out, 1);
}

/* Nothing follows the call: its return address is in the next function. */
__attribute__((noreturn)) APART static void call_and_end(size_t size)
{
	leave(size);
}

APART static void follows(size_t size)
{
	volatile char bytes[200];

	bytes[0] = 0;
	take(size + (size_t)bytes[0]);
	KEEP();
}

__attribute__((noreturn)) APART static void call_and_end_deep(size_t size, unsigned depth)
{
	if (depth) {
		follows(size);
		call_and_end_deep(size, depth - 1);
	}
	call_and_end(size);
}

void case_noreturn(void)
{
	if (!setjmp(way_out))
		call_and_end(600);
	if (!setjmp(way_out))
		call_and_end_deep(601, 4);
	take(602);
}

/* ---- called by the C library ---- */

static int compare(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	take(700);
	return (x > y) - (x < y);
}

static int compare_and_jump(const void *a, const void *b)
{
	static unsigned calls;

	if (++calls % 50 == 0)
		leave(701);
	return compare(a, b);
}

static void fill(int *numbers, int n)
{
	for (int i = 0; i < n; i++)
		numbers[i] = i * 7919 % 1009;
}

void case_callbacks(void)
{
	static int numbers[1000];
	int wanted = 500;

	fill(numbers, 200);
	qsort(numbers, 200, sizeof *numbers, compare);
	sink = bsearch(&wanted, numbers, 200, sizeof *numbers, compare);
	for (volatile int i = 0; i < 5; i++) {
		fill(numbers, 1000);
		if (!setjmp(way_out))
			qsort(numbers, 1000, sizeof *numbers, compare_and_jump);
		take(702);
	}
}

/* ---- other stacks ---- */

enum { STACK_SIZE = 256 << 10, COROUTINES = 3 };

static char *map_stack(void)
{
	return mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static ucontext_t contexts[COROUTINES + 1];

static void run_context(int number)
{
	for (unsigned i = 0; i < 20; i++) {
		take(800);
		grow(10, i % 4);
		swapcontext(&contexts[number], &contexts[(number + 1) % COROUTINES]);
	}
}

void case_contexts(void)
{
	char *stacks[COROUTINES];

	for (int i = 0; i < COROUTINES; i++) {
		stacks[i] = map_stack();
		getcontext(&contexts[i]);
		contexts[i].uc_stack.ss_sp = stacks[i];
		contexts[i].uc_stack.ss_size = STACK_SIZE;
		contexts[i].uc_link = &contexts[COROUTINES];
		makecontext(&contexts[i], (void (*)(void))run_context, 1, i);
	}
	swapcontext(&contexts[COROUTINES], &contexts[0]);
	for (int i = 0; i < COROUTINES; i++)
		munmap(stacks[i], STACK_SIZE);
	take(801);
}

/*
 * Switches stacks as coroutine libraries do: saves the callee's registers, exchanges the stack
 * pointer. A new stack is prepared so that the first switch returns to the entry, which marks the
 * outermost frame.
 */
__asm__(".text\n"
	".type switch_stacks,@function\n"
	"switch_stacks:\n"
	".cfi_startproc\n"
	"	push %rbp\n"
	".cfi_adjust_cfa_offset 8\n"
	".cfi_rel_offset rbp, 0\n"
	"	push %rbx\n"
	".cfi_adjust_cfa_offset 8\n"
	".cfi_rel_offset rbx, 0\n"
	"	push %r12\n"
	".cfi_adjust_cfa_offset 8\n"
	".cfi_rel_offset r12, 0\n"
	"	push %r13\n"
	".cfi_adjust_cfa_offset 8\n"
	".cfi_rel_offset r13, 0\n"
	"	push %r14\n"
	".cfi_adjust_cfa_offset 8\n"
	".cfi_rel_offset r14, 0\n"
	"	push %r15\n"
	".cfi_adjust_cfa_offset 8\n"
	".cfi_rel_offset r15, 0\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15\n"
	".cfi_adjust_cfa_offset -8\n"
	".cfi_restore r15\n"
	"	pop %r14\n"
	".cfi_adjust_cfa_offset -8\n"
	".cfi_restore r14\n"
	"	pop %r13\n"
	".cfi_adjust_cfa_offset -8\n"
	".cfi_restore r13\n"
	"	pop %r12\n"
	".cfi_adjust_cfa_offset -8\n"
	".cfi_restore r12\n"
	"	pop %rbx\n"
	".cfi_adjust_cfa_offset -8\n"
	".cfi_restore rbx\n"
	"	pop %rbp\n"
	".cfi_adjust_cfa_offset -8\n"
	".cfi_restore rbp\n"
	"	ret\n"
	".cfi_endproc\n"
	".size switch_stacks, . - switch_stacks\n"
	".type switched_entry,@function\n"
	"switched_entry:\n"
	".cfi_startproc\n"
	".cfi_undefined rip\n"
	"	mov %r12, %rdi\n"
	"	call *%rbx\n"
	"	ud2\n"
	".cfi_endproc\n"
	".size switched_entry, . - switched_entry\n");
void switch_stacks(void **from, void *to);
void switched_entry(void);

static void *stack_pointers[COROUTINES + 1];

/* What switch_stacks finds on a stack that runs function(number) from the start. */
static void *prepare_stack(char *top, void (*function)(long), long number)
{
	uint64_t *words = (uint64_t *)top - 9; /* aligned for a call */

	/* r15, r14, r13, r12, rbx, rbp, return address */
	words[3] = (uint64_t)number;
	words[4] = (uintptr_t)function;
	words[6] = (uintptr_t)switched_entry;
	return words;
}

static void run_switched(long number)
{
	for (unsigned i = 0; i < 30; i++) {
		take(900);
		grow(10, i % 4);
		switch_stacks(&stack_pointers[number],
			      stack_pointers[(number + 1) % (COROUTINES + 1)]);
	}
	for (;;)
		switch_stacks(&stack_pointers[number], stack_pointers[COROUTINES]);
}

void case_switch(void)
{
	char *stacks[COROUTINES];

	for (long i = 0; i < COROUTINES; i++) {
		stacks[i] = map_stack();
		stack_pointers[i] = prepare_stack(stacks[i] + STACK_SIZE, run_switched, i);
	}
	for (unsigned i = 0; i < 40; i++) {
		switch_stacks(&stack_pointers[COROUTINES], stack_pointers[i % COROUTINES]);
		take(901);
	}
	for (int i = 0; i < COROUTINES; i++)
		munmap(stacks[i], STACK_SIZE);
}

/*
 * Coroutines that all run on one stack: whoever goes on gets its part copied back. The same places
 * hold other callers each time.
 */
static struct slice {
	void *low;
	size_t size;
	char copy[8192];
} slices[COROUTINES], *current;

static char *shared_top;
static void *copier_stack, *main_stack;

static void run_copier(long turns)
{
	for (long turn = 0; turn < turns; turn++) {
		current = &slices[turn % COROUTINES];
		memcpy(current->low, current->copy, current->size);
		switch_stacks(&copier_stack, current->low);
		current->size = (size_t)(shared_top - (char *)current->low);
		memcpy(current->copy, current->low, current->size);
	}
	switch_stacks(&copier_stack, main_stack);
}

/* Two functions of one shape. */
static void copied_left(unsigned depth, unsigned path);

APART static void copied_right(unsigned depth, unsigned path)
{
	take(950);
	if (depth)
		copied_left(depth - 1, path);
	else
		switch_stacks(&current->low, copier_stack);
	take(951);
}

APART static void copied_left(unsigned depth, unsigned path)
{
	take(952);
	if (!depth)
		switch_stacks(&current->low, copier_stack);
	else if (path & 1)
		copied_right(depth - 1, path >> 1);
	else
		copied_left(depth - 1, path >> 1);
	take(953);
}

static void run_copied(long number)
{
	for (unsigned path = (unsigned)number;; path += 3)
		copied_left(3, path);
}

void case_copied(void)
{
	char *shared = map_stack(), *own = map_stack();

	shared_top = shared + STACK_SIZE;
	for (int i = 0; i < COROUTINES; i++) {
		slices[i].low = prepare_stack(shared_top, run_copied, i);
		slices[i].size = (size_t)(shared_top - (char *)slices[i].low);
		memcpy(slices[i].copy, slices[i].low, slices[i].size);
	}
	switch_stacks(&main_stack, prepare_stack(own + STACK_SIZE, run_copier, 90));
	munmap(shared, STACK_SIZE);
	munmap(own, STACK_SIZE);
	take(954);
}

/* ---- no description ---- */

APART static void take_bare(void)
{
	take(1000);
	KEEP();
}

static void take_twice_bare(void)
{
	bare_with_pointer(take_bare);
	take(1001);
}

void case_bare(void)
{
	for (int i = 0; i < 10; i++) {
		bare_with_pointer(take_bare);
		bare_with_pointer(take_twice_bare);
		bare_without_pointer(take_bare);
		bare_without_pointer(take_twice_bare);
	}
}
