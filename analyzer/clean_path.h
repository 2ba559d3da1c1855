// SPDX-License-Identifier: MIT
/* Paths as text: links are not looked at. */
#ifndef ANALYZER_CLEAN_PATH_H
#define ANALYZER_CLEAN_PATH_H

/* PATH without "." and "folder/..". For the caller to free. */
char *clean_path(const char *path);

#endif
