// SPDX-License-Identifier: MIT
/*
 * Names made to fit a column: paths lose folders from the left, functions lose template arguments,
 * text loses its end. What tells one row from another, file name and line, goes last.
 */
#ifndef ANALYZER_SHORTEN_H
#define ANALYZER_SHORTEN_H

#include <stddef.h>

#include "terminal.h"

/* All take safe text, return text for the caller to free, and do nothing to what fits already. */

/* "…/impl/scheduler.ipp:208"; a line number stays whole whatever the width. */
char *shorten_path(const struct terminal *terminal, const char *path, size_t columns);
/* "map<…>::insert", then "…::insert" */
char *shorten_function(const struct terminal *terminal, const char *function, size_t columns);
/* "t->slot = calloc(n, sizeof *…" */
char *shorten_text(const struct terminal *terminal, const char *text, size_t columns);

#endif
