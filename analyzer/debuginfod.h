// SPDX-License-Identifier: MIT
/*
 * Debug files from the servers in DEBUGINFOD_URLS, through libdebuginfod if that is installed.  The
 * only file that can reach a network, and only where the user asked for that.
 */
#ifndef ANALYZER_DEBUGINFOD_H
#define ANALYZER_DEBUGINFOD_H

#include <stddef.h>
#include <stdint.h>

/* Whether it can be asked: NULL when it can, else why not, in a few words. Opens no connection. */
const char *debuginfod_problem(void);

enum debuginfod_file { DEBUGINFOD_DEBUGINFO, DEBUGINFOD_EXECUTABLE };

/*
 * The path of the file with the build-id ID in libdebuginfod's cache, the caller's to free, fetched
 * if it is not there; NULL with *WHY, in a few words and borrowed, when it cannot be had.  NAME is
 * what the progress line calls it.  After a server could not be reached, none is asked again.  Any
 * thread may ask, one at a time is served.
 */
char *debuginfod_fetch(enum debuginfod_file kind, const uint8_t *id, size_t size, const char *name,
		       const char **why);

#endif
