// SPDX-License-Identifier: MIT
/*
 * The names that a JIT compiler gives its code, copied into the trace, which then stands alone.
 */
#ifndef PRELOAD_PERF_MAP_COPY_H
#define PRELOAD_PERF_MAP_COPY_H

#include <stdint.h>

/*
 * Copies what is new in the perf map of process PID, if it has one: a regular file of the effective
 * user that was written to since START_NS (nanoseconds since the epoch), its first TMZ_PERF_MAP_MAX
 * bytes. What cannot be read or written is left out. Without such a file it costs one open that
 * fails. Only under the lock epoch->finish.
 */
void perf_map_copy(int pid, uint64_t start_ns);

#endif
