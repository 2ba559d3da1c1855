// SPDX-License-Identifier: MIT
/*
 * Prefixes of clean paths, compared up to a border between folders.
 */
#include "source_dirs.h"

#include <stdlib.h>
#include <string.h>

#include "clean_path.h"
#include "die.h"

struct source_dir {
	char *from; /* clean, without a slash at its end: "" is the root */
	bool relative;
	const char *to;
};

static void drop_slash(char *path)
{
	size_t n = strlen(path);

	while (n && path[n - 1] == '/')
		path[--n] = '\0';
}

/* "src/a.c" of "./src/a.c" */
static const char *without_dot(const char *path)
{
	return strncmp(path, "./", 2) == 0 ? path + 2 : path;
}

bool source_dirs_add(struct source_dirs *dirs, const char *rule)
{
	const char *equals = strchr(rule, '=');

	if (!equals || equals == rule || !equals[1])
		return false;
	char *from = xstrndup(rule, (size_t)(equals - rule)), *clean = clean_path(from);

	drop_slash(clean);
	if (strcmp(clean, ".") == 0)
		*clean = '\0';
	dirs->item = xreallocarray(dirs->item, dirs->n + 1, sizeof *dirs->item);
	dirs->item[dirs->n++] = (struct source_dir){
		.from = xstrdup(without_dot(clean)),
		.relative = *rule != '/',
		.to = equals + 1,
	};
	free(clean);
	free(from);
	return true;
}

void source_dirs_release(struct source_dirs *dirs)
{
	for (size_t i = 0; i < dirs->n; i++)
		free(dirs->item[i].from);
	free(dirs->item);
	*dirs = (struct source_dirs){0};
}

/* What of PATH, which is clean, is behind FROM; NULL when it is not under it. */
static const char *behind(const char *from, const char *path)
{
	size_t n = strlen(from);

	if (strncmp(path, from, n) != 0)
		return NULL;
	if (n && path[n] != '/')
		return NULL;
	path += n;
	while (*path == '/')
		path++;
	return *path ? path : NULL;
}

char *source_dirs_map(const struct source_dirs *dirs, const char *path, const char *cwd)
{
	const struct source_dir *best = NULL;
	const char *best_rest = NULL;
	char *mapped = NULL;

	if (!dirs->n)
		return NULL;
	char *clean = clean_path(path), *whole = NULL;

	if (*path == '/' || *cwd) {
		char *joined = *path == '/' ? xstrdup(path) : xasprintf("%s/%s", cwd, path);

		whole = clean_path(joined);
		free(joined);
	}
	for (size_t i = 0; i < dirs->n; i++) {
		const struct source_dir *dir = &dirs->item[i];
		const char *candidate = !dir->relative ? whole
					: *path == '/' ? NULL
						       : without_dot(clean);
		const char *rest = candidate ? behind(dir->from, candidate) : NULL;

		if (rest && (!best || strlen(dir->from) >= strlen(best->from))) {
			best = dir;
			best_rest = rest;
		}
	}
	if (best)
		mapped = xasprintf("%s%s%s", best->to,
				   best->to[strlen(best->to) - 1] == '/' ? "" : "/", best_rest);
	free(clean);
	free(whole);
	return mapped;
}
