// SPDX-License-Identifier: MIT
/*
 * Threads that take one module after the other, the largest first, so that none of them is left
 * with a large one at the end. They share nothing but the number of the next one.
 */
#include "module_jobs.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#define THREADS_MAX 8 /* what is read is in memory, and more would be waiting for it */

struct run {
	struct module_job *jobs;
	size_t n;
	atomic_size_t next;
};

static void *work(void *arg)
{
	struct run *run = arg;

	for (size_t i; (i = atomic_fetch_add(&run->next, 1)) < run->n;) {
		const struct module_job *job = &run->jobs[i];

		if (job->load)
			module_symbols_load(job->symbols);
		module_symbols_find_all(job->symbols, job->answer, job->n);
	}
	return NULL;
}

static int heaviest_first(const void *a, const void *b)
{
	const struct module_job *x = a, *y = b;

	return (x->weight < y->weight) - (x->weight > y->weight);
}

/* Beside this one. */
static size_t more_threads(size_t n)
{
	cpu_set_t cores;
	size_t threads = 1;

	if (sched_getaffinity(0, sizeof cores, &cores) == 0)
		threads = (size_t)CPU_COUNT(&cores);
	if (threads > n)
		threads = n;
	return threads > THREADS_MAX ? THREADS_MAX - 1 : threads ? threads - 1 : 0;
}

void module_jobs_run(struct module_job *jobs, size_t n)
{
	struct run run = {.jobs = jobs, .n = n};
	pthread_t threads[THREADS_MAX];
	size_t more = more_threads(n), started = 0;

	for (size_t i = 0; i < n; i++)
		jobs[i].weight = more ? module_symbols_weight(jobs[i].symbols) : 0;
	if (more)
		qsort(jobs, n, sizeof *jobs, heaviest_first);
	while (started < more && pthread_create(&threads[started], NULL, work, &run) == 0)
		started++;
	work(&run);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}
