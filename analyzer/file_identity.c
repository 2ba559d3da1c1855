// SPDX-License-Identifier: MIT
/* What stat says of a file. */
#include "file_identity.h"

#include <sys/stat.h>

static int64_t nanoseconds(const struct timespec *time)
{
	return (int64_t)((uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec);
}

static struct file_identity identity_of(const struct stat *state)
{
	return (struct file_identity){
		.device = state->st_dev,
		.inode = state->st_ino,
		.size = (uint64_t)state->st_size,
		.modified_ns = nanoseconds(&state->st_mtim),
		.changed_ns = nanoseconds(&state->st_ctim),
	};
}

struct file_identity file_identity_of_path(const char *path)
{
	struct stat state;

	return stat(path, &state) == 0 ? identity_of(&state) : (struct file_identity){0};
}

struct file_identity file_identity_of_fd(int fd)
{
	struct stat state;

	return fstat(fd, &state) == 0 ? identity_of(&state) : (struct file_identity){0};
}

bool file_identity_same(const struct file_identity *a, const struct file_identity *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->modified_ns == b->modified_ns && a->changed_ns == b->changed_ns;
}
