// SPDX-License-Identifier: MIT
/*
 * Whether a file is still the one that it was, without reading it.
 */
#ifndef ANALYZER_FILE_IDENTITY_H
#define ANALYZER_FILE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

/* Nobody can change a file without changing this; all zero: there is none. */
struct file_identity {
	uint64_t device, inode, size;
	int64_t modified_ns, changed_ns; /* since the epoch; the second one cannot be set back */
};

/* A link is followed. */
struct file_identity file_identity_of_path(const char *path);
struct file_identity file_identity_of_fd(int fd);
bool file_identity_same(const struct file_identity *a, const struct file_identity *b);

#endif
