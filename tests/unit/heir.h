// SPDX-License-Identifier: MIT
/*
 * A made trace of a forked child, replayed with what it inherited, as text that can be compared.
 */
#ifndef TESTS_UNIT_HEIR_H
#define TESTS_UNIT_HEIR_H

#include "analyzer/parents.h"
#include "tests/unit/taken.h"

/*
 * Saves MADE as the file NAME (see test_path), opens and inherits it, and takes a snapshot at each of
 * MOMENTS, which are separated by blanks. Releases MADE. Checks as well that it is all the same if its
 * parent is replayed for several children.
 */
void heir_take(struct taken *heir, struct made *made, const char *name, const char *moments);
/* The same of a file that is there, alone if PARENTS is NULL. */
void heir_open(struct taken *heir, const char *name, const char *moments, struct parents *parents);

/* Traces as "ADDRESS+SIZE", by address, in one line; true if it is WANTED. */
void heir_check(struct taken *heir, size_t snapshot, const char *wanted);

/* The same with domain, thread and stack, for the caller to free. */
char *heir_text(const struct taken *heir, size_t snapshot);

#endif
