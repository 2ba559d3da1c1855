// SPDX-License-Identifier: MIT
/*
 * Runs on for as long as it is let, at a moderate pace: threads hand blocks on to each other through
 * mailboxes that all share, and each of them ends after a while for a new one to begin. Every second
 * it prints "second N EVENTS MEMORY", the memory being what the tracer takes, -1 where there is none.
 *
 * SIGTERM ends it: it frees what is in the mailboxes and prints "truth ALLOCATIONS FREES BYTES
 * THREADS"; what pthread_create allocates comes on top.
 *
 *     endless [THREADS [THOUSAND EVENTS A SECOND OF EACH]]
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../preload/tmtrace.h"

enum { BOXES = 4096, THREADS_MAX = 64, STEP_NS = 10000000, STEPS_OF_THREAD = 300 };

static _Atomic(size_t *) boxes[BOXES];
static atomic_ulong allocations, frees, bytes, begun;
static volatile sig_atomic_t ends;
static unsigned long threads = 4, pace = 20;

static void end(int signal)
{
	(void)signal;
	ends = 1;
}

/* The first word of a block is its size. */
static void release(size_t *block)
{
	if (!block)
		return;
	frees++;
	free(block);
}

static size_t *allocate(size_t size, int depth)
{
	size_t *block;

	if (depth)
		return allocate(size, depth - 1);
	block = malloc(size);
	if (!block)
		abort();
	*block = size;
	allocations++;
	bytes += size;
	return block;
}

static void step(unsigned *random)
{
	/* Half of the events are frees. */
	for (unsigned long n = pace * 1000 / (1000000000 / STEP_NS) / 2; n; n--) {
		*random = *random * 1103515245 + 12345;
		size_t size = 8 + (*random >> 7) % 1000;

		release(atomic_exchange(&boxes[*random >> 20],
					allocate(size, (int)(*random >> 9 & 15))));
	}
}

static void *work(void *seed)
{
	unsigned random = (unsigned)(uintptr_t)seed * 2654435761u;

	for (unsigned i = 0; i < STEPS_OF_THREAD && !ends; i++) {
		step(&random);
		nanosleep(&(struct timespec){.tv_nsec = STEP_NS}, NULL);
	}
	return NULL;
}

/* Keeps one thread running. */
static void *employ(void *unused)
{
	while (!ends) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, work, (void *)(uintptr_t)++begun))
			abort();
		pthread_join(thread, NULL);
	}
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t ids[THREADS_MAX];

	if (argc > 1)
		threads = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		pace = strtoul(argv[2], NULL, 10);
	if (threads < 1 || threads > THREADS_MAX)
		return 2;
	signal(SIGTERM, end);
	setvbuf(stdout, NULL, _IONBF, 0);
	for (unsigned long i = 0; i < threads; i++)
		if (pthread_create(&ids[i], NULL, employ, NULL))
			return 1;
	for (unsigned long second = 1; !ends; second++) {
		size_t memory;
		int error;

		nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
		error = tmtrace_get_tracer_memory(&memory);
		printf("second %lu %lu %ld\n", second, allocations + frees,
		       error ? -1 : (long)memory);
	}
	for (unsigned long i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	for (unsigned i = 0; i < BOXES; i++)
		release(atomic_exchange(&boxes[i], NULL));
	printf("truth %lu %lu %lu %lu\n", allocations, frees, bytes, threads + begun);
	return 0;
}
