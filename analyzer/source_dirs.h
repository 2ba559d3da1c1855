// SPDX-License-Identifier: MIT
/*
 * --source-dir FROM=TO: where source files that are not where they were compiled are.
 *
 * FROM is a folder of recorded paths, which are compared without "." and "folder/.."; a FROM that
 * begins with '/' is also one of relative paths in the recorded working directory, and "." is any
 * relative path. The longest FROM that a path is under counts, the last one of equal ones.
 */
#ifndef ANALYZER_SOURCE_DIRS_H
#define ANALYZER_SOURCE_DIRS_H

#include <stdbool.h>
#include <stddef.h>

struct source_dirs {
	struct source_dir *item;
	size_t n;
};

/* False: RULE is not FROM=TO. Borrows RULE. */
bool source_dirs_add(struct source_dirs *dirs, const char *rule);
void source_dirs_release(struct source_dirs *dirs);

/* Where PATH, recorded in the working directory CWD, is now; NULL when no FROM says. The caller's. */
char *source_dirs_map(const struct source_dirs *dirs, const char *path, const char *cwd);

#endif
