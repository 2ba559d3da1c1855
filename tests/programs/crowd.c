// SPDX-License-Identifier: MIT
/*
 * crowd N: so many threads at once, each with blocks of its own and some of its neighbour's.
 */
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#define THREADS_MOST 4096
#define BLOCKS 20

static pthread_barrier_t all_here, all_filled;
static void *blocks[THREADS_MOST][BLOCKS];
static size_t n_threads;

static void *run(void *argument)
{
	size_t number = (size_t)(uintptr_t)argument, neighbour = (number + 1) % n_threads;

	pthread_barrier_wait(&all_here);
	for (size_t i = 0; i < BLOCKS; i++)
		blocks[number][i] = malloc(number % 100 + i);
	pthread_barrier_wait(&all_filled);
	for (size_t i = 0; i < BLOCKS / 2; i++)
		free(blocks[neighbour][i]);
	return NULL;
}

int main(int argc, char **argv)
{
	static pthread_t threads[THREADS_MOST];
	pthread_attr_t small;
	size_t wanted = argc > 1 ? (size_t)atoi(argv[1]) : 100;

	n_threads = wanted < THREADS_MOST ? wanted : THREADS_MOST;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN + 4096);
	pthread_barrier_init(&all_here, NULL, (unsigned)n_threads);
	pthread_barrier_init(&all_filled, NULL, (unsigned)n_threads);
	for (size_t i = 0; i < n_threads; i++)
		if (pthread_create(&threads[i], &small, run, (void *)(uintptr_t)i))
			return 1;
	for (size_t i = 0; i < n_threads; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
