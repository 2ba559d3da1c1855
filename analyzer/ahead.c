// SPDX-License-Identifier: MIT
/*
 * One thread, a list of jobs, a lock. The thread has a reader of its own, since readers lend out
 * their buffers.
 */
#include "ahead.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "die.h"

struct ahead {
	pthread_t thread;
	bool started, ending;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct ahead_job *first,
		**last; /* not begun yet, in the order in which they were asked for */
	struct reader reader;
};

struct ahead *ahead_new(const struct reader *reader)
{
	cpu_set_t cores;
	struct ahead *ahead;

	if (sched_getaffinity(0, sizeof cores, &cores) < 0 || CPU_COUNT(&cores) < 2)
		return NULL;
	ahead = xcalloc(1, sizeof *ahead);
	ahead->last = &ahead->first;
	reader_open_second(&ahead->reader, reader);
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->changed, NULL);
	return ahead;
}

/* The next job, with the lock held; NULL: it is time to end. */
static struct ahead_job *next_job(struct ahead *ahead)
{
	struct ahead_job *job;

	while (!ahead->first && !ahead->ending)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	if (ahead->ending)
		return NULL;
	job = ahead->first;
	ahead->first = job->next;
	if (!ahead->first)
		ahead->last = &ahead->first;
	return job;
}

static void *run(void *argument)
{
	struct ahead *ahead = argument;

	pthread_mutex_lock(&ahead->lock);
	for (struct ahead_job *job; (job = next_job(ahead));) {
		pthread_mutex_unlock(&ahead->lock);
		bool loaded = decoded_load(&job->decoded, &ahead->reader, job->chunk);

		pthread_mutex_lock(&ahead->lock);
		job->loaded = loaded;
		job->done = true;
		pthread_cond_broadcast(&ahead->changed);
	}
	pthread_mutex_unlock(&ahead->lock);
	return NULL;
}

void ahead_free(struct ahead *ahead)
{
	if (!ahead)
		return;
	pthread_mutex_lock(&ahead->lock);
	ahead->ending = true;
	pthread_cond_broadcast(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
	if (ahead->started)
		pthread_join(ahead->thread, NULL);
	pthread_cond_destroy(&ahead->changed);
	pthread_mutex_destroy(&ahead->lock);
	reader_close(&ahead->reader);
	free(ahead);
}

void ahead_ask(struct ahead *ahead, struct ahead_job *job, const struct chunk *chunk)
{
	if (!ahead->started && pthread_create(&ahead->thread, NULL, run, ahead) != 0)
		return; /* the chunk is decoded when its turn comes */
	ahead->started = true;
	job->chunk = chunk;
	job->done = false;
	job->next = NULL;
	pthread_mutex_lock(&ahead->lock);
	*ahead->last = job;
	ahead->last = &job->next;
	pthread_cond_broadcast(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
}

bool ahead_take(struct ahead *ahead, struct ahead_job *job, struct decoded *decoded)
{
	struct decoded used = *decoded;

	pthread_mutex_lock(&ahead->lock);
	while (!job->done)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	pthread_mutex_unlock(&ahead->lock);
	*decoded = job->decoded;
	job->decoded = used;
	job->chunk = NULL;
	return job->loaded;
}

void ahead_forget(struct ahead_job *job)
{
	decoded_release(&job->decoded);
	job->chunk = NULL;
}
