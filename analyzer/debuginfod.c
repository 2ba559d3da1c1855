// SPDX-License-Identifier: MIT
/*
 * The library is opened when it is wanted, so that neither building nor running needs it.  It keeps
 * what it has fetched, and what there is not, in a folder of its own.
 */
#include "debuginfod.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "progress.h"

#define LIBRARY "libdebuginfod.so.1"

struct debuginfod_client;

typedef int find_function(struct debuginfod_client *client, const unsigned char *id, int size,
			  char **path);

static struct {
	struct debuginfod_client *(*begin)(void);
	void (*end)(struct debuginfod_client *client);
	void (*set_progress)(struct debuginfod_client *client,
			     int (*show)(struct debuginfod_client *client, long a, long b));
	find_function *find[2]; /* by enum debuginfod_file */
} library;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int unreachable; /* an errno: why no server is asked any more */

/* What the progress line shows; of the one thread that is served. */
static struct progress progress;
static const char *fetched;

static bool load(void)
{
	void *handle = library.begin ? NULL : dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (library.begin || !handle)
		return library.begin;
	*(void **)&library.end = dlsym(handle, "debuginfod_end");
	*(void **)&library.set_progress = dlsym(handle, "debuginfod_set_progressfn");
	*(void **)&library.find[DEBUGINFOD_DEBUGINFO] = dlsym(handle, "debuginfod_find_debuginfo");
	*(void **)&library.find[DEBUGINFOD_EXECUTABLE] =
		dlsym(handle, "debuginfod_find_executable");
	if (library.end && library.set_progress && library.find[DEBUGINFOD_DEBUGINFO] &&
	    library.find[DEBUGINFOD_EXECUTABLE])
		*(void **)&library.begin = dlsym(handle, "debuginfod_begin");
	return library.begin;
}

const char *debuginfod_problem(void)
{
	const char *urls = getenv("DEBUGINFOD_URLS");

	if (!urls || !urls[strspn(urls, " ")])
		return "DEBUGINFOD_URLS names no server";
	return load() ? NULL : "there is no " LIBRARY;
}

/* A and B are bytes once there is something, and steps of nothing before. */
static int show(struct debuginfod_client *client, long a, long b)
{
	char text[96];

	(void)client;
	if (b > 0 && a >= 0)
		snprintf(text, sizeof text, "fetching %.40s, %ld of %ld KiB", fetched, a / 1024,
			 b / 1024);
	else
		snprintf(text, sizeof text, "asking debuginfod for %.40s", fetched);
	progress_text(&progress, text);
	return 0;
}

static char *fetch(enum debuginfod_file kind, const uint8_t *id, size_t size, const char **why)
{
	struct debuginfod_client *client = unreachable ? NULL : library.begin();
	char *path = NULL;
	int fd;

	if (unreachable || !client) {
		*why = unreachable ? strerrordesc_np(unreachable) : "out of memory";
		return NULL;
	}
	library.set_progress(client, show);
	progress_begin(&progress);
	fd = library.find[kind](client, id, (int)size, &path);
	progress_end(&progress);
	library.end(client);
	if (fd >= 0) {
		close(fd);
		return path;
	}
	*why = fd == -ENOENT ? "no server has it" : strerrordesc_np(-fd);
	if (fd != -ENOENT)
		unreachable = -fd;
	return NULL;
}

char *debuginfod_fetch(enum debuginfod_file kind, const uint8_t *id, size_t size, const char *name,
		       const char **why)
{
	const char *slash = strrchr(name, '/');
	char *path;

	*why = debuginfod_problem();
	if (*why || size < 2 || size > 64)
		return NULL;
	pthread_mutex_lock(&lock);
	fetched = slash ? slash + 1 : name;
	path = fetch(kind, id, size, why);
	pthread_mutex_unlock(&lock);
	return path;
}
