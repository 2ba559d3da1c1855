// SPDX-License-Identifier: MIT
/*
 * Threads in a ring hand blocks on: each allocates, gives to the next, and frees or resizes what it
 * is given. Addresses wander between threads within nanoseconds, so that any wrong order between
 * threads shows as a free of a dead block. Totals are fixed: "truth ALLOCATIONS FREES BYTES" of the
 * ring; what pthread_create allocates comes on top.
 *
 *     handover [THREADS [BLOCKS OF EACH]]
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { QUEUE = 64, THREADS_MAX = 64 };

struct queue {
	_Atomic unsigned long in, out;
	void *blocks[QUEUE];
} __attribute__((aligned(128)));

static struct queue queues[THREADS_MAX];
static unsigned long threads = 4, blocks = 550000;

static size_t size_of(unsigned long i)
{
	return 1 + i * 7 % 300;
}

static int give(struct queue *queue, void *block)
{
	unsigned long in = queue->in;

	if (in - queue->out == QUEUE)
		return 0;
	queue->blocks[in % QUEUE] = block;
	queue->in = in + 1;
	return 1;
}

static void *take(struct queue *queue)
{
	unsigned long out = queue->out;

	if (out == queue->in)
		return NULL;
	void *block = queue->blocks[out % QUEUE];
	queue->out = out + 1;
	return block;
}

static void *turn(void *arg)
{
	unsigned long self = (unsigned long)arg, given = 0, taken = 0;
	void *block = NULL;

	while (given < blocks || taken < blocks) {
		int moved = 0;
		if (given < blocks) {
			if (!block)
				block = malloc(size_of(given));
			if (give(&queues[(self + 1) % threads], block)) {
				block = NULL;
				given++;
				moved = 1;
			}
		}
		void *got = take(&queues[self]);
		if (got) {
			if (taken % 8 == 0)
				got = realloc(got, 500);
			free(got);
			taken++;
			moved = 1;
		}
		if (!moved)
			sched_yield();
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t ids[THREADS_MAX];
	unsigned long bytes = 0, resized = 0;

	if (argc > 1)
		threads = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		blocks = strtoul(argv[2], NULL, 10);
	if (threads < 1 || threads > THREADS_MAX)
		return 2;
	for (unsigned long i = 0; i < threads; i++)
		if (pthread_create(&ids[i], NULL, turn, (void *)i))
			return 1;
	for (unsigned long i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	for (unsigned long i = 0; i < blocks; i++)
		bytes += size_of(i);
	resized = (blocks + 7) / 8;
	printf("truth %lu %lu %lu\n", threads * (blocks + resized), threads * (blocks + resized),
	       threads * (bytes + 500 * resized));
	return 0;
}
