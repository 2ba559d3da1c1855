// SPDX-License-Identifier: MIT
/*
 * The traces in a folder.
 */
#ifndef ANALYZER_TRACE_FOLDER_H
#define ANALYZER_TRACE_FOLDER_H

#include <stddef.h>

/*
 * Paths of the regular files NAME.tmz and NAME.tmz.N (the recorder's, where a name was taken) in
 * FOLDER, in the order of their names, numbers by value. Nothing is opened. Returns an array of *n,
 * which the caller frees with its items; NULL and errno when the folder cannot be read.
 */
char **trace_folder_list(const char *folder, size_t *n);

#endif
