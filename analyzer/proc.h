// SPDX-License-Identifier: MIT
/*
 * Small files of a process in /proc. DIRECTORY is /proc/PID, open.
 */
#ifndef ANALYZER_PROC_H
#define ANALYZER_PROC_H

#include <stddef.h>

/* The file, "" if it cannot be read, with a NUL behind its *size bytes. For the caller to free. */
char *proc_read(int directory, const char *name, size_t *size);

/* What follows NAME ("State:") in /proc/PID/status, for the caller to free; NULL when it is not there. */
char *proc_status(int directory, const char *name);

#endif
