// SPDX-License-Identifier: MIT
/* A pipe or a device is looked at before it is opened, which may already do something, and again after. */
#include "regular_file.h"

#include <fcntl.h>
#include <unistd.h>

int regular_file_open(const char *path, struct stat *state)
{
	if (stat(path, state) < 0 || !S_ISREG(state->st_mode))
		return -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd >= 0 && (fstat(fd, state) < 0 || !S_ISREG(state->st_mode))) {
		close(fd);
		fd = -1;
	}
	return fd;
}
