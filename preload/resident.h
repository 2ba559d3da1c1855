// SPDX-License-Identifier: MIT
/*
 * How much memory the process has in RAM, for the resource samples of the trace.
 */
#ifndef PRELOAD_RESIDENT_H
#define PRELOAD_RESIDENT_H

#include <stdint.h>

/* Bytes now and at most so far; zeros if the kernel does not say. */
void resident_read(uint64_t *now, uint64_t *peak);

#endif
