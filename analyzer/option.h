// SPDX-License-Identifier: MIT
/*
 * The table of options, one for parsing and for help. Only query.c reads it.
 */
#ifndef ANALYZER_OPTION_H
#define ANALYZER_OPTION_H

#include "query.h"

struct option {
	char letter; /* 0: none */
	const char *name;
	const char *argument; /* NULL: takes none */
	enum option_set set;
	void (*take)(struct query *query, const char *argument);
	const char *help; /* NULL: depends on the command */
};

extern const struct option options[];
extern const size_t n_options;

/* "a, b or c" of the names whose bit is set. For the caller to free. */
char *option_alternatives(const char *const *names, size_t n, unsigned bits);

#endif
