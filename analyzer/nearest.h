// SPDX-License-Identifier: MIT
/*
 * Did you mean? The name that is fewest keystrokes away from what was typed.
 */
#ifndef ANALYZER_NEAREST_H
#define ANALYZER_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *typed;
	const char *best; /* NULL while nothing is near enough to be meant */
	size_t distance;
};

struct nearest nearest_to(const char *typed);
void nearest_try(struct nearest *nearest, const char *name);

#endif
