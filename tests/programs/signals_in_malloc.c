// SPDX-License-Identifier: MIT
/*
 * A timer's handler allocates and frees whatever it interrupts, the tracer's hooks included. Needs
 * libbump.so behind the tracer, since glibc's malloc must not be interrupted so.
 *
 *     signals_in_malloc         the handler returns
 *     signals_in_malloc jump    it jumps out with siglongjmp; then come 1000 blocks of 777 bytes
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

extern int bump_allocator __attribute__((weak));

static volatile sig_atomic_t ticks, jumping;
static sigjmp_buf back;
static void *volatile sink;

static void tick(int number)
{
	(void)number;
	ticks++;
	free(malloc(10));
	sink = malloc(20);
	if (jumping)
		siglongjmp(back, 1);
}

int main(int argc, char **argv)
{
	struct itimerval timer = {{0, 200}, {0, 200}};
	struct sigaction action = {.sa_handler = tick};

	if (!&bump_allocator)
		return puts("needs libbump.so"), 2;
	jumping = argc > 1 && strcmp(argv[1], "jump") == 0;
	sigaction(SIGALRM, &action, NULL);
	sigsetjmp(back, 1);
	setitimer(ITIMER_REAL, &timer, NULL);
	while (ticks < 2000) {
		void *p = realloc(malloc(30), 40);
		free(p);
		free(calloc(5, 10));
	}
	timer = (struct itimerval){{0, 0}, {0, 0}};
	jumping = 0;
	setitimer(ITIMER_REAL, &timer, NULL);
	for (int i = 0; i < 1000; i++)
		sink = malloc(777);
	puts("done");
	return 0;
}
