// SPDX-License-Identifier: MIT
/*
 * Snapshots from JSON Lines in a string, for tests of what is done with them.
 */
#ifndef TESTS_UNIT_MADE_SNAPSHOT_H
#define TESTS_UNIT_MADE_SNAPSHOT_H

#include "analyzer/snapshot.h"

/* The snapshot of TEXT, or NULL with *message. */
struct snapshot *made_import(const char *text, struct frames *frames, char **message);
/* The same of short lines "DOMAIN SIZE FILE:LINE<FILE:LINE", most recent first; never fails. */
struct snapshot *made_snapshot(struct frames *frames, const char *lines);
/* A traceback in that form, for the caller to free. */
char *made_text(const struct frames *frames, uint32_t traceback);

#endif
