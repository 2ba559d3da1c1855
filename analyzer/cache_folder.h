// SPDX-License-Identifier: MIT
/*
 * Small files that make the next command faster: $XDG_CACHE_HOME/tmtrace, or ~/.cache/tmtrace.
 *
 * Nothing in it is needed and nothing here is an error: where the folder is not ours alone, or
 * cannot be written, there is no cache.  Any number of processes may use it at once, and it may be
 * deleted at any time: a file appears whole or not at all.  For any thread.
 */
#ifndef ANALYZER_CACHE_FOLDER_H
#define ANALYZER_CACHE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_FILE_MOST (64u << 20)    /* bytes of one file */
#define CACHE_FOLDER_MOST (256u << 20) /* and of all */
#define CACHE_NAME_MAX 160	       /* of a name, with its NUL */

/*
 * The name for what is found under a build-id with KEY, which is all else that the content depends
 * on.  False when there is no such name: the build-id is too short or too long.
 */
bool cache_folder_name(char name[CACHE_NAME_MAX], const uint8_t *build_id, size_t size,
		       const char *key);

/* All bytes of a file, the caller's to free; NULL when there is none that can be trusted. */
void *cache_folder_read(const char *name, size_t *size);

/* Replaces the file at once; makes the folder when there is none. False: it was not written. */
bool cache_folder_write(const char *name, const void *bytes, size_t size);

/* Removes the files used least recently until all have MOST bytes at most. */
void cache_folder_trim(uint64_t most);

#endif
