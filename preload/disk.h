// SPDX-License-Identifier: MIT
/*
 * Which file systems a file may be memory on.
 */
#ifndef PRELOAD_DISK_H
#define PRELOAD_DISK_H

#include <stdbool.h>

/*
 * Whether a page of this file that was written once can be written again for good, through a mapping
 * too. Elsewhere, on a full disk, such a store is SIGBUS.
 */
bool disk_keeps_room(int fd);

#endif
