// SPDX-License-Identifier: MIT
/*
 * Snapshots without the folders that a build was made in, so that builds made in different ones can
 * be compared.
 */
#ifndef ANALYZER_STRIP_H
#define ANALYZER_STRIP_H

#include <stddef.h>

#include "snapshot.h"

/*
 * SNAPSHOT with the first of the N folders that it is in taken off the front of each file and module
 * path. Takes SNAPSHOT over, looks up no names before they are asked for, and borrows FOLDERS.
 */
struct snapshot *snapshot_strip(struct snapshot *snapshot, const char *const *folders, size_t n);

#endif
