// SPDX-License-Identifier: MIT
/*
 * pread into buffers, not mmap: a file that shrinks while it is read must not end us with SIGBUS.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "regular_file.h"

static int fail(char **message, const char *path, int error)
{
	*message = xasprintf("%s: %s", path, strerror(error));
	return -1;
}

static int read_all(struct source *source, int fd, const char *path, char **message)
{
	size_t cap = 0;

	source->bytes = xmalloc(1);
	for (;;) {
		if (source->size == cap) {
			cap = cap ? cap * 2 : 1u << 16;
			source->bytes = xrealloc(source->bytes, cap);
		}
		ssize_t n = read(fd, source->bytes + source->size, cap - source->size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int error = errno;

			source_close(source);
			return fail(message, path, error);
		}
		if (!n)
			return 0;
		source->size += (size_t)n;
	}
}

static int open_file(struct source *source, const char *path, char **message)
{
	struct stat st;

	source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (source->fd < 0)
		return fail(message, path, errno);
	if (fstat(source->fd, &st) < 0) {
		int error = errno;

		source_close(source);
		return fail(message, path, error);
	}
	if (S_ISREG(st.st_mode)) {
		source->size = (uint64_t)st.st_size;
		return 0;
	}
	int fd = source->fd, result;

	if (S_ISDIR(st.st_mode)) {
		source_close(source);
		return fail(message, path, EISDIR);
	}
	source->fd = -1;
	result = read_all(source, fd, path, message);
	close(fd);
	return result;
}

int source_open(struct source *source, const char *path, char **message)
{
	*source = (struct source){.fd = -1};
	if (strcmp(path, "-") == 0)
		return read_all(source, STDIN_FILENO, "standard input", message);
	return open_file(source, path, message);
}

int source_open_regular(struct source *source, const char *path, char **message)
{
	struct stat state;

	*message = NULL;
	*source = (struct source){.fd = regular_file_open(path, &state)};
	if (source->fd >= 0)
		source->size = (uint64_t)state.st_size;
	else if (stat(path, &state) == 0)
		*message = xasprintf("%s: %s", path,
				     S_ISREG(state.st_mode) ? "it cannot be read"
							    : "not a regular file");
	return source->fd < 0 ? -1 : 0;
}

void source_open_bytes(struct source *source, const void *bytes, size_t size)
{
	*source = (struct source){.fd = -1, .size = size};
	source->bytes = xmalloc(size);
	if (size)
		memcpy(source->bytes, bytes, size);
}

void source_close(struct source *source)
{
	if (!source->bytes && source->fd >= 0)
		close(source->fd);
	free(source->bytes);
	*source = (struct source){.fd = -1};
}

void source_grown(struct source *source)
{
	struct stat st;

	if (!source->bytes && fstat(source->fd, &st) == 0)
		source->size = (uint64_t)st.st_size;
}

size_t source_read(const struct source *source, uint64_t offset, void *buffer, size_t size)
{
	size_t got = 0;

	if (offset >= source->size)
		return 0;
	if (size > source->size - offset)
		size = (size_t)(source->size - offset);
	if (source->bytes) {
		memcpy(buffer, source->bytes + offset, size);
		return size;
	}
	while (got < size) {
		ssize_t n =
			pread(source->fd, (char *)buffer + got, size - got, (off_t)(offset + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return got;
}
