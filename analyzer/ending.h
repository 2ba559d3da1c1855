// SPDX-License-Identifier: MIT
/*
 * Whether the process of a recording without an end is still running.
 */
#ifndef ANALYZER_ENDING_H
#define ANALYZER_ENDING_H

#include <stdbool.h>

#include "trace.h"

enum ending ending_find(const struct trace *trace);

/* Whether the process, of a recording that may be closed, is one of this machine since it booted. */
bool ending_is_here(const struct trace *trace);

#endif
