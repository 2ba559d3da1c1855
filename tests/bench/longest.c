// SPDX-License-Identifier: MIT
/*
 * How long single calls take: longest THREADS PAIRS times every malloc and free with the time stamp
 * counter and prints, in nanoseconds, "max undisturbed p9999 p999 p50 calls". Undisturbed is the
 * longest call in a stretch of calls in which the kernel did not take the processor from the thread.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <x86intrin.h>

#define LIVE 4096
#define STRETCH 256 /* pairs between two looks at the context switches */
#define THREADS_MAX 64

static unsigned long pairs;
static struct result {
	uint32_t *cycles; /* of every call */
	uint32_t undisturbed;
} results[THREADS_MAX];

static long long now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static long switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

static uint32_t since(uint64_t start)
{
	uint64_t cycles = __rdtsc() - start;

	return cycles < UINT32_MAX ? (uint32_t)cycles : UINT32_MAX;
}

static void *work(void *argument)
{
	struct result *result = argument;
	uint32_t *cycles = result->cycles, longest = 0;
	uint64_t state = 88172645463325252u + (uintptr_t)(result - results) * 7919;
	void *live[LIVE] = {0};
	long before = switches();

	for (unsigned long i = 0; i < pairs; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;

		void **slot = &live[(state >> 20) % LIVE];
		uint64_t start = __rdtsc();

		free(*slot);
		cycles[2 * i] = since(start);
		start = __rdtsc();
		*slot = malloc(16 + (state >> 40) % 200);
		cycles[2 * i + 1] = since(start);
		for (int call = 0; call < 2; call++)
			if (cycles[2 * i + call] > longest)
				longest = cycles[2 * i + call];
		if (i % STRETCH == 0) {
			long after = switches();

			if (after == before && longest > result->undisturbed)
				result->undisturbed = longest;
			before = after;
			longest = 0;
		}
	}
	for (unsigned i = 0; i < LIVE; i++)
		free(live[i]);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	unsigned threads = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	pthread_t thread[THREADS_MAX];
	uint32_t undisturbed = 0;

	pairs = argc > 2 ? strtoul(argv[2], NULL, 10) : 100000;
	if (!threads || threads > THREADS_MAX || !pairs)
		return 2;
	size_t calls = 2 * pairs * threads;
	uint32_t *all = mmap(NULL, calls * sizeof *all, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (all == MAP_FAILED)
		return 1;
	for (unsigned i = 0; i < threads; i++)
		results[i].cycles = all + 2 * pairs * i;

	long long ns = now();
	uint64_t tsc = __rdtsc();

	for (unsigned i = 1; i < threads; i++)
		pthread_create(&thread[i], NULL, work, &results[i]);
	work(&results[0]);
	for (unsigned i = 1; i < threads; i++)
		pthread_join(thread[i], NULL);

	double scale = (double)(now() - ns) / (double)(__rdtsc() - tsc);

	for (unsigned i = 0; i < threads; i++)
		if (results[i].undisturbed > undisturbed)
			undisturbed = results[i].undisturbed;
	qsort(all, calls, sizeof *all, compare);
	fprintf(stderr, "%.0f %.0f %.0f %.0f %.0f %zu\n", all[calls - 1] * scale,
		undisturbed * scale, all[calls - 1 - calls / 10000] * scale,
		all[calls - 1 - calls / 1000] * scale, all[calls / 2] * scale, calls);
	return 0;
}
