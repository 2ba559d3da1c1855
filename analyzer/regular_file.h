// SPDX-License-Identifier: MIT
/* Opening what a trace names: a file, and nothing else that may stand at its path here. */
#ifndef ANALYZER_REGULAR_FILE_H
#define ANALYZER_REGULAR_FILE_H

#include <sys/stat.h>

/* A descriptor to read the regular file at PATH, with *STATE that of the opened one; -1: there is none. */
int regular_file_open(const char *path, struct stat *state);

#endif
