// SPDX-License-Identifier: MIT
/* Files of /proc have no size: they are read until nothing more comes. */
#include "proc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"

char *proc_read(int directory, const char *name, size_t *size)
{
	char *bytes = xmalloc(1);
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	*size = 0;
	for (size_t cap = 1; fd >= 0; cap = *size + 4096) {
		bytes = xrealloc(bytes, cap + 1);
		n = read(fd, bytes + *size, cap - *size);
		if (n <= 0)
			break;
		*size += (size_t)n;
	}
	if (fd >= 0)
		close(fd);
	bytes[*size] = '\0';
	return bytes;
}

char *proc_status(int directory, const char *name)
{
	size_t size, n = strlen(name);
	char *text = proc_read(directory, "status", &size), *value = NULL;

	for (char *at = text; at; at = strchr(at, '\n'), at = at ? at + 1 : NULL)
		if (strncmp(at, name, n) == 0) {
			at += n + strspn(at + n, " \t");
			value = xstrndup(at, strcspn(at, "\n"));
			break;
		}
	free(text);
	return value;
}
