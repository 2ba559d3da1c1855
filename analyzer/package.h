// SPDX-License-Identifier: MIT
/* Which Debian package a file came from, and which one has its debug symbols. */
#ifndef ANALYZER_PACKAGE_H
#define ANALYZER_PACKAGE_H

/*
 * The name of the package with the debug symbols of the file at PATH, the caller's to free; NULL
 * when no installed package owns it. Reads dpkg's file lists: tens of milliseconds.
 */
char *package_of_debug(const char *sysroot, const char *path);

#endif
