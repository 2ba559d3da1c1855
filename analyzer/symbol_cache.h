// SPDX-License-Identifier: MIT
/*
 * The answers about one module that an earlier command found, and those that this one adds.
 *
 * Answers are by link-time address: the whole chain of frames, names as in the symbol table and
 * readable.  They count only as long as every file they were found in is still the same, which is
 * looked at when the cache is opened.  Damaged ones are as good as none.  One cache is for one
 * thread at a time.
 */
#ifndef ANALYZER_SYMBOL_CACHE_H
#define ANALYZER_SYMBOL_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file_identity.h"
#include "name_map.h"
#include "symbols.h"

struct symbol_cache;

/*
 * KEY says all that answers depend on besides the module's build-id and the files' content.  NULL
 * for a build-id that is none.
 */
struct symbol_cache *symbol_cache_open(const uint8_t *build_id, size_t build_id_size,
				       const char *key);
/* As symbol_cache_open, of the bytes of a file in MEMORY, which is taken over. */
struct symbol_cache *symbol_cache_from(void *memory, size_t size, const char *key);
void symbol_cache_free(struct symbol_cache *c);

/* Whether an earlier command has saved one, if only to say that there is nothing to answer yet. */
bool symbol_cache_is_filled(const struct symbol_cache *c);

/*
 * The frames at ADDRESS in *FRAMES, for the caller to free, and how many there are; 0 (and NULL)
 * when that was not asked before.  The strings are borrowed from C; functions are READABLE or as in
 * the symbol table.
 */
size_t symbol_cache_find(const struct symbol_cache *c, uint64_t address, bool readable,
			 struct symbol **frames);

/* Remembers an answer with functions as in the symbol table; its strings must outlive C. */
void symbol_cache_add(struct symbol_cache *c, uint64_t address, const struct symbol *frames,
		      size_t n);
size_t symbol_cache_added(const struct symbol_cache *c);

/* A file that the added answers came from, or would have, if there were one; PATH must outlive C. */
void symbol_cache_add_file(struct symbol_cache *c, const char *path,
			   const struct file_identity *identity);

/*
 * All answers, old and new, as the bytes of a file, for the caller to free; NULL when one of the
 * files is not what it was for the old ones.  NAMES is what is demangled already, and gets the rest.
 * To be called once, last.
 */
void *symbol_cache_bytes(struct symbol_cache *c, struct name_map *names, size_t *size);

/* Puts that in the place of what was opened; once, last.  False when it was not written. */
bool symbol_cache_save(struct symbol_cache *c, struct name_map *names);

#endif
