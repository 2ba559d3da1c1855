// SPDX-License-Identifier: MIT
/*
 * Which functions are only the way to the allocator: operator new, strdup, the insides of standard
 * containers. Their frames are no answer to "who holds the memory".
 */
#ifndef ANALYZER_ALLOCATORS_H
#define ANALYZER_ALLOCATORS_H

#include <stdbool.h>

/* FUNCTION is a demangled name, with or without arguments, template arguments and a return type. */
bool allocators_has(const char *function);

#endif
