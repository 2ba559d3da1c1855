// SPDX-License-Identifier: MIT
/* Where libdw looks for the .dwo file of a unit. */
#ifndef ANALYZER_SPLIT_PATHS_H
#define ANALYZER_SPLIT_PATHS_H

#include <elfutils/libdw.h>

/* In its order; for the caller to free, NULL where there is none. */
struct split_paths {
	char *path[2];
};

/* PATH is that of the file with the unit SKELETON, without links in it; NULL: none. */
struct split_paths split_paths_of(const char *path, Dwarf_Die *skeleton);

#endif
