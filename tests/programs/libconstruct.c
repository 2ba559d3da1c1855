// SPDX-License-Identifier: MIT
/*
 * Its constructor and its destructor, under the loader's lock, wait for a thread that allocates.
 */
#include <pthread.h>
#include <stdlib.h>

static void *volatile kept;

static void *allocate(void *unused)
{
	free(malloc(300));
	kept = realloc(kept, 400);
	return unused;
}

static void allocate_elsewhere(void)
{
	pthread_t thread;

	free(malloc(200));
	if (pthread_create(&thread, NULL, allocate, NULL))
		abort();
	pthread_join(thread, NULL);
}

static __attribute__((constructor)) void construct(void)
{
	allocate_elsewhere();
}

static __attribute__((destructor)) void destruct(void)
{
	allocate_elsewhere();
	free(kept);
}
