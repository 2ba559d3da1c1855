// SPDX-License-Identifier: MIT
/*
 * A storm: threads allocate, and free what the others have allocated. Each puts its blocks into
 * mailboxes that all share, by one atomic exchange, and frees or resizes whatever it finds there; so
 * an address goes from thread to thread as fast as the machine allows, in no order known beforehand.
 *
 * Every thread counts what it does. "truth ALLOCATIONS FREES BYTES LIVE LIVE-BYTES" are the sums;
 * what is live at the end stays in the mailboxes. pthread_create and stdout allocate on top of that,
 * before the storm and after it.
 *
 *     storm [THREADS [MILLION EVENTS [SEED]]]
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { BOXES = 512, THREADS_MAX = 64 };

struct counts {
	unsigned long allocations, frees, bytes;
} __attribute__((aligned(128)));

static struct {
	_Atomic(void *) block;
} __attribute__((aligned(64))) boxes[BOXES];

static struct counts counts[THREADS_MAX];
static unsigned long threads = 4, events = 2000000, seed = 1;
static pthread_barrier_t start;

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* The first word of a block is its size. */
static void *allocate(struct counts *count, size_t size)
{
	size_t *block = malloc(size);

	if (!block)
		abort();
	*block = size;
	count->allocations++;
	count->bytes += size;
	return block;
}

static void *resize(struct counts *count, void *old, size_t size)
{
	size_t *block = realloc(old, size);

	if (!block)
		abort();
	*block = size;
	count->allocations++;
	count->frees++;
	count->bytes += size;
	return block;
}

static void *turn(void *arg)
{
	unsigned long self = (unsigned long)arg, each = events / threads;
	struct counts *count = &counts[self];
	uint64_t state = seed * 1000003 + self * 7919 + 1;

	pthread_barrier_wait(&start);
	while (count->allocations + count->frees < each) {
		uint64_t random = next_random(&state);
		_Atomic(void *) *box = &boxes[random % BOXES].block;
		size_t size = 8 + (random >> 16) % 40 * 8;
		void *block = NULL;

		if (random >> 60 < 12)
			block = allocate(count, size);
		block = atomic_exchange(box, block);
		if (!block)
			continue;
		if (random >> 40 & 15) {
			free(block);
			count->frees++;
			continue;
		}
		block = atomic_exchange(box, resize(count, block, size));
		if (block) {
			free(block);
			count->frees++;
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t ids[THREADS_MAX];
	struct counts all = {0};
	unsigned long live = 0, live_bytes = 0;

	if (argc > 1)
		threads = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		events = strtoul(argv[2], NULL, 10) * 1000000;
	if (argc > 3)
		seed = strtoul(argv[3], NULL, 10);
	if (threads < 1 || threads > THREADS_MAX)
		return 2;
	pthread_barrier_init(&start, NULL, (unsigned)threads);
	for (unsigned long i = 0; i < threads; i++)
		if (pthread_create(&ids[i], NULL, turn, (void *)i))
			return 1;
	for (unsigned long i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	for (unsigned long i = 0; i < threads; i++) {
		all.allocations += counts[i].allocations;
		all.frees += counts[i].frees;
		all.bytes += counts[i].bytes;
	}
	for (unsigned i = 0; i < BOXES; i++) {
		size_t *block = boxes[i].block;

		live += block != NULL;
		live_bytes += block ? *block : 0;
	}
	if (all.allocations - all.frees != live)
		return 1;
	char text[200];
	int size = snprintf(text, sizeof text, "truth %lu %lu %lu %lu %lu\n", all.allocations,
			    all.frees, all.bytes, live, live_bytes);
	return fwrite(text, 1, (size_t)size, stderr) != (size_t)size;
}
