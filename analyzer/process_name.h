// SPDX-License-Identifier: MIT
/*
 * What a process is called in tables and keys.
 */
#ifndef ANALYZER_PROCESS_NAME_H
#define ANALYZER_PROCESS_NAME_H

#include "trace.h"

/*
 * "redis-server[4711]": the name by which the program was called, and its pid. Of what knows neither, an
 * imported snapshot, the file name of the trace at PATH. For the caller to free.
 */
char *process_name(const struct trace_process *process, const char *path);

#endif
