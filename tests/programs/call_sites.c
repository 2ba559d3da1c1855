// SPDX-License-Identifier: MIT
/*
 * Lines that a return address misses by one instruction, and that an interrupted one would miss if
 * it were taken for a return address. Prints "FILE LINE BLOCKS BYTES" for each line that holds some.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#define APART __attribute__((noinline))
#define UD2_SIZE 2

static jmp_buf back;
static void *volatile sink;

APART __attribute__((noreturn)) static void leave(void)
{
	sink = malloc(1001);
	longjmp(back, 1);
}

/* Nothing follows the call: its return address is outside of the function. */
enum { LAST_CALL = __LINE__ + 3 };
APART static void last_call(void)
{
	leave();
}

/* The first instruction of a function: what is before it belongs to another. */
enum { FIRST_INSTRUCTION = __LINE__ + 3 };
__attribute__((naked)) APART static void first_instruction(void)
{
	__asm__("ud2\n\tret");
}

/* The first instruction of a line. */
enum { NEXT_LINE = __LINE__ + 4 };
APART static void next_line(void)
{
	sink = NULL;
	__asm__ volatile("ud2");
	sink = &back;
}

enum { IN_HANDLER = __LINE__ + 4 };
static void interrupt(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	sink = malloc(1010);
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += UD2_SIZE;
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = interrupt, .sa_flags = SA_SIGINFO};

	sigaction(SIGILL, &action, NULL);
	if (setjmp(back) == 0)
		last_call();
	first_instruction();
	next_line();
	printf("call_sites.c %d 1 1001\n", LAST_CALL);
	printf("call_sites.c %d 1 1010\n", FIRST_INSTRUCTION);
	printf("call_sites.c %d 1 1010\n", NEXT_LINE);
	printf("call_sites.c %d 2 2020\n", IN_HANDLER);
	return 0;
}
