// SPDX-License-Identifier: MIT
/* The .dwo files that libdw opens by itself, wherever the DWARF of a program says. */
#ifndef ANALYZER_SPLIT_FILE_H
#define ANALYZER_SPLIT_FILE_H

#include <elfutils/libdw.h>
#include <stdbool.h>

/*
 * Whether libdw can be asked for the .dwo file of SKELETON, a unit of the file at PATH (NULL: of
 * none), without the danger that it waits for a named pipe or reads a device.
 */
bool split_file_is_safe(const char *path, Dwarf_Die *skeleton);

#endif
