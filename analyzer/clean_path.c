// SPDX-License-Identifier: MIT
/*
 * One pass from left to right; what is kept never gets longer than the path.
 */
#include "clean_path.h"

#include <stdbool.h>
#include <string.h>

#include "die.h"

/* Where the last folder of the path that ends at END (with a slash) begins; END when there is none to leave. */
static char *last_folder(char *path, char *end)
{
	char *at = end;

	if (at == path || at - 1 == path)
		return end;
	for (at--; at > path && at[-1] != '/';)
		at--;
	return memcmp(at, "../", 3) == 0 ? end : at;
}

char *clean_path(const char *path)
{
	char *clean = xmalloc(strlen(path) + 4), *to = clean;

	for (const char *at = path; *at;) {
		size_t n = strcspn(at, "/"), whole = n + (at[n] == '/');
		bool parent = n == 2 && memcmp(at, "..", 2) == 0;
		char *before = parent ? last_folder(clean, to) : to;

		if (before != to) {
			to = before;
		} else if ((n && !(n == 1 && *at == '.')) || at == path) {
			memcpy(to, at, whole);
			to += whole;
		}
		at += whole;
	}
	*to = '\0';
	return clean;
}
