// SPDX-License-Identifier: MIT
/* Where libdw looks for the code of a unit that is not in its file. */
#ifndef ANALYZER_SPLIT_PATHS_H
#define ANALYZER_SPLIT_PATHS_H

#include <elfutils/libdw.h>

#define SPLIT_PATHS 3

/* For the caller to free, NULL where there is none. */
struct split_paths {
	char *path[SPLIT_PATHS];
};

/* PATH is that of the file with the unit SKELETON, without links in it; NULL: none. */
struct split_paths split_paths_of(const char *path, Dwarf_Die *skeleton);

#endif
