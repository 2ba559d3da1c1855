// SPDX-License-Identifier: MIT
/*
 * Handlers that allocate, wherever the program was interrupted. What is interrupted here never
 * allocates itself, so that glibc's malloc may be called.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>

#include "torture.h"

static sigjmp_buf way_out;
static volatile unsigned interruptions;
static volatile double spent;

static void handle(int number, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};

	sigaction(number, &action, NULL);
}

static void give_up(int number)
{
	signal(number, SIG_DFL);
}

APART static void raise_deep(int number, unsigned depth)
{
	if (depth)
		raise_deep(number, depth - 1);
	else
		raise(number);
	KEEP();
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)info, (void)context;
	take(2000);
	if (number == SIGUSR1)
		raise_deep(SIGUSR2, 3); /* a handler interrupted by another one */
}

void case_handler(void)
{
	handle(SIGUSR1, on_signal, 0);
	handle(SIGUSR2, on_signal, 0);
	for (unsigned i = 0; i < 20; i++) {
		raise_deep(SIGUSR1, i % 5);
		take(2001);
	}
	give_up(SIGUSR1);
	give_up(SIGUSR2);
}

static void on_alternate(int number, siginfo_t *info, void *context)
{
	(void)info, (void)context;
	take(2100);
	if (number == SIGUSR1)
		raise_deep(SIGUSR2, 2);
	if (number == SIGSEGV)
		siglongjmp(way_out, 1);
}

APART static int touch(volatile int *address)
{
	return *address;
}

void case_alternate(void)
{
	static char memory[1 << 16];
	stack_t stack = {.ss_sp = memory, .ss_size = sizeof memory}, old;

	sigaltstack(&stack, &old);
	handle(SIGUSR1, on_alternate, SA_ONSTACK);
	handle(SIGUSR2, on_alternate, SA_ONSTACK);
	handle(SIGSEGV, on_alternate, SA_ONSTACK);
	for (volatile unsigned i = 0; i < 20; i++) {
		raise_deep(SIGUSR1, i % 5);
		if (!sigsetjmp(way_out, 1))
			touch((volatile int *)(uintptr_t)(i % 3 * 8));
		take(2101);
	}
	give_up(SIGUSR1);
	give_up(SIGUSR2);
	give_up(SIGSEGV);
	sigaltstack(&old, NULL);
}

static void on_jump(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info, (void)context;
	take(2200);
	siglongjmp(way_out, 1);
}

void case_jump(void)
{
	handle(SIGUSR1, on_jump, 0);
	for (volatile unsigned i = 0; i < 20; i++) {
		if (!sigsetjmp(way_out, 1))
			raise_deep(SIGUSR1, i % 7);
		take(2201);
	}
	give_up(SIGUSR1);
}

/*
 * Interrupted at the first instruction of a function, in its prologue, at its end, and at the end
 * of the last one: traps of 2 bytes that the handler skips.
 */
__asm__(".text\n"
	".type exact_first,@function\n"
	"exact_first:\n"
	".cfi_startproc\n"
	"	ud2\n"
	"	ret\n"
	".cfi_endproc\n"
	".size exact_first, . - exact_first\n"
	".type exact_prologue,@function\n"
	"exact_prologue:\n"
	".cfi_startproc\n"
	"	push %rbp\n"
	".cfi_def_cfa_offset 16\n"
	".cfi_offset rbp, -16\n"
	"	ud2\n"
	"	mov %rsp, %rbp\n"
	".cfi_def_cfa_register rbp\n"
	"	ud2\n"
	"	sub $40, %rsp\n"
	"	ud2\n"
	"	leave\n"
	".cfi_def_cfa rsp, 8\n"
	".cfi_restore rbp\n"
	"	ud2\n"
	"	ret\n"
	".cfi_endproc\n"
	".size exact_prologue, . - exact_prologue\n"
	".type exact_second,@function\n"
	"exact_second:\n"
	".cfi_startproc\n"
	"	ud2\n"
	"	sub $8, %rsp\n"
	".cfi_def_cfa_offset 16\n"
	"	call exact_first\n"
	"	add $8, %rsp\n"
	".cfi_def_cfa_offset 8\n"
	"	ud2\n"
	"	ret\n"
	".cfi_endproc\n"
	".size exact_second, . - exact_second\n"
	/* Stubs as linkers make them, without a description; a trap of 1 byte before the jump. */
	".type exact_stub,@function\n"
	"exact_stub:\n"
	"	int3\n"
	"	jmp *exact_place(%rip)\n"
	"	nop; nop; nop; nop; nop; nop\n"
	".type exact_stub_marked,@function\n"
	"exact_stub_marked:\n"
	"	int3\n"
	"	endbr64\n"
	"	.byte 0xf2 /* bnd */\n"
	"	jmp *exact_place(%rip)\n"
	".data\n"
	".balign 8\n"
	"exact_place: .quad exact_first\n"
	".text\n");
void exact_stub(void);
void exact_stub_marked(void);
void exact_first(void);
void exact_prologue(void);
void exact_second(void);

static void on_trap(int number, siginfo_t *info, void *context)
{
	(void)info;
	take(2300);
	if (number == SIGILL)
		((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

void case_exact(void)
{
	handle(SIGILL, on_trap, 0);
	handle(SIGTRAP, on_trap, 0);
	for (unsigned i = 0; i < 10; i++) {
		exact_first();
		exact_prologue();
		exact_second();
		exact_stub();
		exact_stub_marked();
		take(2301);
	}
	give_up(SIGILL);
	give_up(SIGTRAP);
}

/* ---- storms: interrupted anywhere ---- */

static void on_timer(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info, (void)context;
	interruptions++;
	take(2400);
}

/*
 * One interruption after the other, each at another distance from the last: a timer that repeats
 * would stop a slow machine. False when there were `wanted`.
 */
static int storm(unsigned wanted)
{
	static unsigned armed;

	if (interruptions == armed && armed < wanted) {
		struct itimerval once = {{0, 0}, {0, 20 + (int)(armed * 7 % 97)}};

		armed++;
		setitimer(ITIMER_REAL, &once, NULL);
	}
	if (interruptions < wanted)
		return 1;
	armed = interruptions = 0;
	return 0;
}

APART static unsigned leaf(unsigned a, unsigned b)
{
	return a * 31 + b;
}

APART static unsigned push_frames(unsigned depth, unsigned a)
{
	volatile char bytes[24];

	bytes[depth % 24] = (char)a;
	if (!depth)
		return leaf(a, 7);
	return push_frames(depth - 1, leaf(a, depth)) + (unsigned)bytes[depth % 24];
}

/* Other callee-saved registers, other sizes, no calls but one. */
APART static double push_more(unsigned depth, double a, double b, unsigned long c, unsigned long d)
{
	unsigned long e = c * d, f = c + d, g = c ^ d, h = c - d;
	double below = depth ? push_more(depth - 1, b, a + 1, d, c + 1) : 0;

	return below + a * b + (double)(c + d + e * 3 + f * 5 + g * 7 + h);
}

static int compare_bytes(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

void case_storm(void)
{
	double sum = 0;

	handle(SIGALRM, on_timer, 0);
	for (unsigned i = 0; storm(400); i++) {
		char text[] = "sphinx of black quartz, judge my vow";

		sum += push_frames(i % 9, i);
		sum += push_more(i % 6, 1.5, 2.5, i, 3);
		qsort(text, sizeof text - 1, 1, compare_bytes);
		sum += (double)strlen(text) + (double)strtol("12345", NULL, 10);
	}
	give_up(SIGALRM);
	spent = sum;
}

void case_vdso(void)
{
	struct timespec now;
	struct timeval day;

	handle(SIGALRM, on_timer, 0);
	while (storm(200)) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		clock_gettime(CLOCK_REALTIME, &now);
		gettimeofday(&day, NULL);
	}
	give_up(SIGALRM);
}
