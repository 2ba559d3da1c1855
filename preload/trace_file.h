// SPDX-License-Identifier: MIT
/*
 * The trace's file: creation under a name of its own, a descriptor the program does not notice,
 * writes that neither raise a signal nor land in a file that is not ours.
 */
#ifndef PRELOAD_TRACE_FILE_H
#define PRELOAD_TRACE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "line.h"

struct sink;

/*
 * Creates the file at `path`, or with .1, .2, ... appended if something is there already (also a
 * symbolic link), or something that would be its journal. Mode 0600. On success `path` is the name that was taken. 0 or -errno.
 */
int trace_file_create(struct line *path);

/* Takes over the empty regular file of this user that `tmtrace run` made. 0 or -errno. */
int trace_file_adopt(const char *path);

/* Removes that file, if it is still empty: nothing will be recorded. */
void trace_file_discard(const char *path);

/* Closes the trace and removes it, if it is still there under its name: it could not be begun. */
void trace_file_remove(void);

/* Writes into that file; see struct sink. */
extern const struct sink trace_file_sink;

/* Maps `size` bytes at `offset`, shared with the file; NULL if it cannot be, or a store might be SIGBUS. */
void *trace_file_map(uint64_t offset, size_t size);

/* Writes over what the file has there already. False if it could not be. */
bool trace_file_rewrite(const void *bytes, size_t size, uint64_t offset);

/* Forgets the descriptor; a forked child's own copy of it is closed. */
void trace_file_forked(void);
void trace_file_close(void);

const char *trace_file_path(void);

#endif
