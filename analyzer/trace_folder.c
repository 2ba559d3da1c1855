// SPDX-License-Identifier: MIT
/*
 * Which names in a folder are those of traces. A journal, NAME.tmz.live, belongs to its trace.
 */
#include "trace_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "die.h"

static bool is_trace_name(const char *name)
{
	static const char suffix[] = ".tmz";
	size_t size = strlen(name), digits = 0;

	while (digits < size && strchr("0123456789", name[size - digits - 1]))
		digits++;
	if (digits && digits < size && name[size - digits - 1] == '.')
		size -= digits + 1;
	return size >= sizeof suffix - 1 &&
	       memcmp(name + size - (sizeof suffix - 1), suffix, sizeof suffix - 1) == 0;
}

static int compare_names(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

char **trace_folder_list(const char *folder, size_t *n)
{
	DIR *directory = opendir(folder);
	const char *slash = *folder && folder[strlen(folder) - 1] == '/' ? "" : "/";
	char **paths = xreallocarray(NULL, 1, sizeof *paths);
	size_t cap = 1;

	*n = 0;
	if (!directory) {
		int error = errno;

		free(paths);
		errno = error;
		return NULL;
	}
	for (const struct dirent *entry; (entry = readdir(directory));) {
		struct stat status;
		char *path;

		if (!is_trace_name(entry->d_name))
			continue;
		path = strcmp(folder, ".") == 0 ? xstrdup(entry->d_name)
						: xasprintf("%s%s%s", folder, slash, entry->d_name);
		if (stat(path, &status) < 0 || !S_ISREG(status.st_mode)) {
			free(path);
			continue;
		}
		if (*n == cap) {
			cap *= 2;
			paths = xreallocarray(paths, cap, sizeof *paths);
		}
		paths[(*n)++] = path;
	}
	closedir(directory);
	qsort(paths, *n, sizeof *paths, compare_names);
	return paths;
}
