// SPDX-License-Identifier: MIT
/*
 * Threads that free each other's blocks, never waiting for one another: exchange THREADS PAIRS.
 * THREADS 0: the main thread alone, in a process that never had a second one. PAIRS of a malloc and
 * a free, a thread. Each new block is swapped into a random place of a table that all share, and what
 * was there is freed: with four threads three of four frees are of another thread's block.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define PLACES 8192
#define CALLS 8
#define OWN_FRAME __attribute__((noinline))

static _Atomic(unsigned char *) place[PLACES];
static unsigned long pairs;

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state >> 16;
}

static OWN_FRAME void swap(uint64_t *state, unsigned repeat)
{
	while (repeat--) {
		uint64_t chance = next(state);
		size_t size = 16 + (chance >> 16) % (chance & 7 ? 112 : 1000);
		unsigned char *made = malloc(size);

		if (!made)
			abort();
		made[0] = (unsigned char)size;
		free(atomic_exchange_explicit(&place[chance % PLACES], made, memory_order_acq_rel));
	}
}

static OWN_FRAME int descend(uint64_t *state, unsigned calls, unsigned repeat)
{
	if (!calls) {
		swap(state, repeat);
		return 1;
	}
	return descend(state, calls - 1, repeat) + 1;
}

static void *work(void *number)
{
	uint64_t state = 88172645463325252u + (uintptr_t)number * 7919;

	for (unsigned long done = 0; done < pairs; done += 16)
		descend(&state, CALLS + next(&state) % 4, 16);
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned threads = argc > 1 ? (unsigned)atoi(argv[1]) : 4;
	pthread_t thread[64];

	pairs = argc > 2 ? strtoul(argv[2], NULL, 10) : 100000;
	if (threads > 64)
		return 2;
	if (!threads)
		work(NULL);
	for (unsigned i = 0; i < threads; i++)
		pthread_create(&thread[i], NULL, work, (void *)(uintptr_t)i);
	for (unsigned i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	for (unsigned i = 0; i < PLACES; i++)
		free(place[i]);
	return 0;
}
