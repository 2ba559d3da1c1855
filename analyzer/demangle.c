// SPDX-License-Identifier: MIT
/*
 * libiberty's demanglers, tamed.  Three things they leave to the caller: the C++ one keeps all its
 * state on the stack, so that by default it refuses names of more than 1,024 bytes; both recurse as
 * deep as the name nests; and a short hostile name can print as gigabytes.  So long names run on a
 * stack of their own, and the output has a limit.
 */
#include "demangle.h"

#include <libiberty/demangle.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

#define PLAIN_MAX 1024 /* where libiberty stops of its own accord */
#define NAME_MAX_SIZE (128u << 10)
#define RESULT_MAX (1u << 20)
#define BIG_STACK ((size_t)256 << 20) /* at most 1 KiB of state and frames for a byte of a name */

struct output {
	char *text;
	size_t n, cap;
	jmp_buf overflow;
};

static void append(const char *text, size_t n, void *arg)
{
	struct output *out = arg;

	if (n > RESULT_MAX - out->n)
		longjmp(out->overflow, 1);
	if (out->n + n + 1 > out->cap) {
		out->cap = 2 * (out->n + n + 1);
		out->text = xrealloc(out->text, out->cap);
	}
	memcpy(out->text + out->n, text, n);
	out->n += n;
	out->text[out->n] = 0;
}

static bool print(const char *name, int flags, struct output *out)
{
	out->n = 0;
	/* What is jumped over holds no locks, and at most a few bytes of a Rust name. */
	if (setjmp(out->overflow))
		return false;
	if (rust_demangle_callback(name, flags, append, out) && out->n)
		return true;
	out->n = 0;
	return cplus_demangle_v3_callback(name, flags, append, out) && out->n;
}

struct job {
	const char *name;
	struct output out;
	bool ok;
};

static void *print_long(void *arg)
{
	struct job *job = arg;

	job->ok = print(job->name, DMGL_PARAMS | DMGL_ANSI | DMGL_NO_RECURSE_LIMIT, &job->out);
	return NULL;
}

static void run_on_big_stack(struct job *job)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	if (pthread_attr_setstacksize(&attributes, BIG_STACK) == 0 &&
	    pthread_create(&thread, &attributes, print_long, job) == 0)
		pthread_join(thread, NULL);
	pthread_attr_destroy(&attributes);
}

char *demangle(const char *name)
{
	struct job job = {.name = name};
	size_t size;

	if (name[0] != '_' || !name[1] || !strchr("ZRD_", name[1]))
		return NULL;
	size = strnlen(name, NAME_MAX_SIZE);
	if (size == NAME_MAX_SIZE)
		return NULL;
	if (name[1] == 'D') /* never longer than a few times the name, and with limits of its own */
		return size <= PLAIN_MAX ? dlang_demangle(name, DMGL_PARAMS | DMGL_ANSI) : NULL;
	if (size <= PLAIN_MAX)
		job.ok = print(name, DMGL_PARAMS | DMGL_ANSI, &job.out);
	else
		run_on_big_stack(&job);
	if (job.ok)
		return job.out.text;
	free(job.out.text);
	return NULL;
}

const char *demangle_kept(struct name_map *kept, const char *name)
{
	const char *found;

	if (!name || *name != '_')
		return name;
	if (!name_map_find(kept, name, &found)) {
		char *made = demangle(name);

		name_map_add(kept, name, made);
		found = made;
	}
	return found ? found : name;
}
