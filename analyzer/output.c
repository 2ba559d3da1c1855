// SPDX-License-Identifier: MIT
/*
 * Output files. A symbolic link is followed first, so that it is the file behind it that is replaced.
 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/journal.h"
#include "die.h"

static mode_t mode_of_new_files(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static int temporary_open(struct output *output, mode_t mode)
{
	const char *slash = strrchr(output->path, '/');

	output->temporary = xasprintf("%.*s.tmtrace.XXXXXX",
				      slash ? (int)(slash + 1 - output->path) : 0, output->path);
	int fd = mkostemp(output->temporary, O_CLOEXEC);

	if (fd >= 0) {
		die_removes(output->temporary);
		fchmod(fd, mode);
	}
	return fd;
}

/* The file that PATH leads to, which need not be there yet. */
static char *link_follow(const char *path)
{
	char *real = realpath(path, NULL), target[PATH_MAX];
	ssize_t size = real ? -1 : readlink(path, target, sizeof target - 1);
	const char *slash = strrchr(path, '/');

	if (real)
		return real;
	if (size <= 0)
		return xstrdup(path);
	target[size] = '\0';
	if (*target == '/' || !slash)
		return xstrdup(target);
	return xasprintf("%.*s%s", (int)(slash + 1 - path), path, target);
}

static FILE *open_with_mode(struct output *output, const char *path, mode_t mode)
{
	struct stat state;

	*output = (struct output){.file = stdout};
	if (!path || strcmp(path, "-") == 0)
		return stdout;
	output->path = link_follow(path);
	bool exists = stat(output->path, &state) == 0;
	int fd = exists && !S_ISREG(state.st_mode)
			 ? open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
			 : temporary_open(output, exists ? state.st_mode & 07777 : mode);

	output->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!output->file)
		die("%s:", path);
	return output->file;
}

FILE *output_open(struct output *output, const char *path)
{
	return open_with_mode(output, path, mode_of_new_files());
}

FILE *output_open_trace(struct output *output, const char *path)
{
	return open_with_mode(output, path, 0600);
}

void output_close(struct output *output)
{
	const char *name = output->path;
	bool failed = ferror(output->file);

	if (!name) /* main closes it, and says so when that fails */
		return;
	errno = 0;
	if (fclose(output->file) != 0 || failed)
		die(errno ? "%s:" : "%s: cannot write", name);
	if (output->temporary && rename(output->temporary, output->path) < 0)
		die("%s:", name);
	die_removes(NULL);
	free(output->temporary);
	free(output->path);
	*output = (struct output){0};
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

void output_check_trace(const char *output, const char *path, const char *what)
{
	char *journal = xasprintf("%s" JOURNAL_SUFFIX, path);

	if (strcmp(path, "-") != 0 && is_same_file(path, output))
		die_usage("%s: the trace to write is the one to %s", output, what);
	if (is_same_file(journal, output))
		die_usage("%s: the trace to write is the journal of the one to %s", output, what);
	free(journal);
}
