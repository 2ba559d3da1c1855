// SPDX-License-Identifier: MIT
/* Which Debian package a file came from, and which one has its debug symbols. */
#ifndef ANALYZER_PACKAGE_H
#define ANALYZER_PACKAGE_H

#include <stdbool.h>

/*
 * What to do to have the debug symbols of the file at PATH, half a line, the caller's to free; NULL
 * when no installed package owns it. Reads dpkg's file lists: tens of milliseconds. Everything is
 * looked at below SYSROOT, which may be NULL.
 */
char *package_advice(const char *sysroot, const char *path);

/* Whether ADVICE wants a package of the archives of debug symbols, which are not everybody's. */
bool package_is_in_archive(const char *advice);
/* Whether apt has a list of such an archive. */
bool package_archive_is_known(const char *sysroot);
/* The line for sources.list; NULL where it is not known. For the caller to free. */
char *package_archive_line(const char *sysroot);

#endif
