// SPDX-License-Identifier: MIT
/*
 * `operator new` and `operator delete` of an allocator that has its own, as jemalloc, tcmalloc and
 * mimalloc do: they do not come through malloc and free.
 *
 * The library exports none: where no allocator does either, the definition that a plugin brings
 * along must be found as ever. So the references to the allocator's are turned to hooks instead:
 * those that are bound when the process starts in their places, later ones at the source, the
 * allocator's table of symbols in memory.
 */
#ifndef PRELOAD_OPERATORS_H
#define PRELOAD_OPERATORS_H

#include <stdbool.h>

/*
 * Turns the references to those of the library that provides malloc, if that is not libc. Once,
 * while the process has one thread.
 */
void operators_take(void);

/* Whether some could not be turned: nobody knows then how many of their calls are not recorded. */
bool operators_are_missed(void);

#endif
