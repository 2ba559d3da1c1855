// SPDX-License-Identifier: MIT
/*
 * The perf map of a process that has not copied it into its trace, as it still runs or was killed.
 */
#ifndef ANALYZER_PERF_MAP_FILE_H
#define ANALYZER_PERF_MAP_FILE_H

#include "chunk_writer.h"
#include "trace.h"

/*
 * Reads "/tmp/perf-PID.map" into the perf map of a TRACE without an end that was recorded on this
 * machine since it booted, if that is a regular file of the owner of the trace and was written to
 * since the recording began. Else does nothing.
 */
void perf_map_load(struct trace *trace);
/* Writes what that has read as chunks. */
void perf_map_save(const struct trace *trace, struct chunk_writer *writer);

#endif
