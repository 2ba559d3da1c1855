// SPDX-License-Identifier: MIT
/*
 * Threads that name themselves, or are named, at all times of their lives. Each prints its tid and
 * the last name it had.
 *
 *     names
 *     names many N AT_ONCE      N threads that allocate 3 blocks, free 2 and end, so many at a time;
 *                               prints the tracer's memory and the number of descriptors
 */
#include <dlfcn.h>
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void *volatile sink;
static pthread_barrier_t named;

static void say(const char *name)
{
	printf("%d %s\n", gettid(), name);
}

/* Before its first event. */
static void *name_first(void *unused)
{
	prctl(PR_SET_NAME, "first");
	say("first");
	sink = malloc(11);
	return unused;
}

/* And nothing after it: it ends at once. */
static void *name_last(void *unused)
{
	sink = malloc(12);
	pthread_setname_np(pthread_self(), "last");
	say("last");
	return unused;
}

/* When its name has long been written, with a full block. */
static void *name_late(void *unused)
{
	for (int i = 0; i < 200000; i++)
		free(malloc(13));
	prctl(PR_SET_NAME, "late");
	say("late");
	sink = malloc(13);
	return unused;
}

static void *name_late_and_end(void *unused)
{
	for (int i = 0; i < 200000; i++)
		free(malloc(14));
	sink = malloc(14);
	prctl(PR_SET_NAME, "late-end");
	say("late-end");
	return unused;
}

/* By another thread, after its only event. */
static void *is_named(void *unused)
{
	sink = malloc(15);
	pthread_barrier_wait(&named);
	pthread_barrier_wait(&named);
	say("by-other");
	return unused;
}

static void run(void *(*life)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, life, NULL))
		abort();
	if (life == is_named) {
		pthread_barrier_wait(&named);
		pthread_setname_np(thread, "by-other");
		pthread_barrier_wait(&named);
	}
	pthread_join(thread, NULL);
}

static void *live_shortly(void *left)
{
	free(malloc(20));
	free(malloc(30));
	*(void **)left = malloc(40);
	return NULL;
}

static int count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int n = 0;

	while (folder && readdir(folder))
		n++;
	if (folder)
		closedir(folder);
	return n;
}

static void run_many(unsigned n, unsigned at_once)
{
	pthread_t *threads = calloc(at_once, sizeof *threads);
	void **left = calloc(at_once, sizeof *left);
	int (*tracer_memory)(size_t *);
	size_t bytes = 0;

	*(void **)&tracer_memory = dlsym(RTLD_DEFAULT, "tmtrace_get_tracer_memory");
	for (unsigned i = 0; i < n; i += at_once) {
		for (unsigned k = 0; k < at_once; k++)
			if (pthread_create(&threads[k], NULL, live_shortly, &left[k]))
				abort();
		for (unsigned k = 0; k < at_once; k++) {
			pthread_join(threads[k], NULL);
			free(left[k]);
		}
	}
	if (tracer_memory)
		tracer_memory(&bytes);
	fprintf(stderr, "%zu bytes %d descriptors\n", bytes, count_descriptors());
	free(threads);
	free(left);
}

int main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "many") == 0)
		return run_many((unsigned)atoi(argv[2]), (unsigned)atoi(argv[3])), 0;
	pthread_barrier_init(&named, NULL, 2);
	run(name_first);
	run(name_last);
	run(name_late);
	run(name_late_and_end);
	run(is_named);
	return 0;
}
