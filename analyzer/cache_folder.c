// SPDX-License-Identifier: MIT
/*
 * The folder is opened anew for each file, so that nothing is kept of one that was deleted.  It and
 * its files have to be the user's own and no links; who runs this as another user (sudo) neither
 * reads what that one left nor leaves anything there.
 */
#include "cache_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/hash.h"
#include "die.h"
#include "now.h"

#define FOLDER "tmtrace"
#define TEMPORARY ".part" /* at the end of what is not yet whole */
#define HOUR 3600
#define DAY (24 * HOUR)

/* The folder of all caches, for the caller to free; NULL: none. A relative path does not count. */
static char *base_path(void)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (getauxval(AT_SECURE))
		return NULL;
	if (cache && *cache == '/')
		return xstrdup(cache);
	return home && *home == '/' ? xasprintf("%s/.cache", home) : NULL;
}

static bool is_own(int fd, struct stat *state)
{
	return fstat(fd, state) == 0 && state->st_uid == geteuid();
}

static int base_open(bool make)
{
	char *path = base_path();
	int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (path && fd < 0 && make && mkdir(path, 0700) == 0)
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(path);
	return fd;
}

/* -1: there is none, or it is not ours alone. */
static int folder_open(bool make)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	struct stat state;
	int base = base_open(make), fd;

	if (base < 0)
		return -1;
	fd = openat(base, FOLDER, flags);
	if (fd < 0 && make && is_own(base, &state) && mkdirat(base, FOLDER, 0700) == 0)
		fd = openat(base, FOLDER, flags);
	close(base);
	if (fd >= 0 && (!is_own(fd, &state) || (state.st_mode & 022))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

bool cache_folder_name(char name[CACHE_NAME_MAX], const uint8_t *build_id, size_t size,
		       const char *key)
{
	if (size < 2 || 2 * size + sizeof "-01234567" TEMPORARY "0123456789abcdef" > CACHE_NAME_MAX)
		return false;
	for (size_t i = 0; i < size; i++)
		name += sprintf(name, "%02x", build_id[i]);
	sprintf(name, "-%08x", hash_checksum(key, strlen(key)));
	return true;
}

static bool read_all(int fd, uint8_t *bytes, size_t size)
{
	for (size_t at = 0; at < size;) {
		ssize_t n = pread(fd, bytes + at, size - at, (off_t)at);

		if (n <= 0 && (n == 0 || errno != EINTR))
			return false;
		at += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* So that what is used is not the oldest. */
static void mark_used(int fd, const struct stat *state)
{
	if (time(NULL) - state->st_mtime > DAY)
		futimens(fd, NULL);
}

void *cache_folder_read(const char *name, size_t *size)
{
	int folder = folder_open(false);
	struct stat state;
	uint8_t *bytes = NULL;

	if (folder < 0)
		return NULL;
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	close(folder);
	if (fd < 0)
		return NULL;
	if (is_own(fd, &state) && S_ISREG(state.st_mode) && state.st_size > 0 &&
	    (uint64_t)state.st_size <= CACHE_FILE_MOST) {
		*size = (size_t)state.st_size;
		bytes = xmalloc(*size);
		if (read_all(fd, bytes, *size)) {
			mark_used(fd, &state);
		} else {
			free(bytes);
			bytes = NULL;
		}
	}
	close(fd);
	return bytes;
}

/* A file larger than allowed would be answered with a signal. */
static bool may_write(size_t size)
{
	struct rlimit limit;

	return size <= CACHE_FILE_MOST && getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	       size <= limit.rlim_cur;
}

static bool write_all(int fd, const uint8_t *bytes, size_t size)
{
	for (size_t at = 0; at < size;) {
		ssize_t n = write(fd, bytes + at, size - at);

		if (n <= 0 && (n == 0 || errno != EINTR))
			return false;
		at += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* Threads and processes, also those of other process namespaces, must not meet in one name. */
static void temporary_name(char temporary[NAME_MAX], const char *name)
{
	static _Thread_local char own;

	snprintf(temporary, NAME_MAX, "%s%016llx" TEMPORARY, name,
		 (unsigned long long)hash_mix(
			 hash_mix((uint64_t)(uintptr_t)&own ^ (uint64_t)getpid() << 48) +
			 now_ns(CLOCK_MONOTONIC)));
}

bool cache_folder_write(const char *name, const void *bytes, size_t size)
{
	char temporary[NAME_MAX];
	int folder = may_write(size) ? folder_open(true) : -1;
	bool ok;

	if (folder < 0)
		return false;
	temporary_name(temporary, name);
	int fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);

	if (fd < 0) {
		close(folder);
		return false;
	}
	ok = write_all(fd, bytes, size);
	if (close(fd) != 0 || !ok || renameat(folder, temporary, folder, name) != 0) {
		unlinkat(folder, temporary, 0);
		ok = false;
	}
	close(folder);
	return ok;
}

struct cached {
	char name[NAME_MAX + 1];
	uint64_t size;
	int64_t used; /* seconds since the epoch */
};

static bool ends_with(const char *name, const char *end)
{
	size_t size = strlen(name), end_size = strlen(end);

	return size > end_size && strcmp(name + size - end_size, end) == 0;
}

/* Only names that are made here: someone else's file in here is none of ours to remove. */
static bool is_cached(const char *name)
{
	size_t id = strspn(name, "0123456789abcdef");

	return id >= 4 && name[id] == '-' && strspn(name + id + 1, "0123456789abcdef") == 8 &&
	       name[id + 9] == '\0';
}

static bool is_temporary(const char *name)
{
	size_t id = strspn(name, "0123456789abcdef");

	return id >= 4 && name[id] == '-' && ends_with(name, TEMPORARY);
}

static int compare_used(const void *a, const void *b)
{
	const struct cached *x = a, *y = b;

	return (x->used > y->used) - (x->used < y->used);
}

/* What a process that was killed left is removed in passing. */
static struct cached *list_files(DIR *dir, size_t *n)
{
	struct cached *files = NULL;
	size_t cap = 0;
	struct stat state;

	*n = 0;
	for (struct dirent *entry; (entry = readdir(dir));) {
		bool temporary = is_temporary(entry->d_name);

		if ((!temporary && !is_cached(entry->d_name)) ||
		    fstatat(dirfd(dir), entry->d_name, &state, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(state.st_mode))
			continue;
		if (temporary) {
			if (time(NULL) - state.st_mtime > HOUR)
				unlinkat(dirfd(dir), entry->d_name, 0);
			continue;
		}
		if (*n == cap) {
			cap = cap * 2 + 64;
			files = xreallocarray(files, cap, sizeof *files);
		}
		files[*n] =
			(struct cached){.size = (uint64_t)state.st_size, .used = state.st_mtime};
		strcpy(files[(*n)++].name, entry->d_name);
	}
	return files;
}

void cache_folder_trim(uint64_t most)
{
	int folder = folder_open(false);
	DIR *dir = folder >= 0 ? fdopendir(folder) : NULL;
	uint64_t sum = 0;
	size_t n;

	if (!dir) {
		if (folder >= 0)
			close(folder);
		return;
	}
	struct cached *files = list_files(dir, &n);

	for (size_t i = 0; i < n; i++)
		sum += files[i].size;
	if (sum > most)
		qsort(files, n, sizeof *files, compare_used);
	for (size_t i = 0; i < n && sum > most; i++) {
		unlinkat(dirfd(dir), files[i].name, 0);
		sum -= files[i].size;
	}
	free(files);
	closedir(dir);
}
