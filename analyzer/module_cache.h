// SPDX-License-Identifier: MIT
/*
 * When the answers about a module are taken from the cache, and when they go there.
 *
 * Only what a module with a build-id and whole debug information answered is cached: what lacks it
 * today may have it tomorrow.
 */
#ifndef ANALYZER_MODULE_CACHE_H
#define ANALYZER_MODULE_CACHE_H

#include "module_symbols.h"

/* Sets M's cache, unless there is to be none. */
void module_cache_open(struct module_symbols *m);

/* Writes what is new about M, which is not asked any more. False when that is nothing or cannot be written. */
bool module_cache_save(struct module_symbols *m);

#endif
