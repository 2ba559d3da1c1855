// SPDX-License-Identifier: MIT
/*
 * Edit distance where swapping two neighbours is one edit, as it is one slip of the fingers.
 */
#include "nearest.h"

#include <string.h>

#define LENGTH_MOST 32

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), d[LENGTH_MOST + 1][LENGTH_MOST + 1];

	if (n > LENGTH_MOST || m > LENGTH_MOST)
		return LENGTH_MOST;
	for (size_t i = 0; i <= n; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		for (size_t j = 1; j <= m; j++) {
			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
					d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[n][m];
}

struct nearest nearest_to(const char *typed)
{
	size_t length = strlen(typed);

	return (struct nearest){.typed = typed, .distance = length < 3 ? 2 : length < 8 ? 3 : 4};
}

void nearest_try(struct nearest *nearest, const char *name)
{
	size_t d = strncmp(nearest->typed, name, strlen(nearest->typed)) == 0 && nearest->typed[0]
			   ? 1 /* the beginning of it, as where other programs take abbreviations */
			   : distance(nearest->typed, name);

	if (d < nearest->distance) {
		nearest->distance = d;
		nearest->best = name;
	}
}
