// SPDX-License-Identifier: MIT
/*
 * A process is known by the boot of its machine, its number and the time of its start. A number in
 * another container's count is no use, but its journal is open for writing as long as it lives.
 */
#include "ending.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "trace_private.h"

#define FIELD_START_TICKS 22 /* in /proc/PID/stat, see proc(5) */

static bool read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t n = file ? fread(line, 1, size - 1, file) : 0;

	if (file)
		fclose(file);
	line[n] = '\0';
	return n > 0;
}

bool ending_is_here(const struct trace *trace)
{
	char boot_id[64];

	if (!*trace->inner->boot_id ||
	    !read_line("/proc/sys/kernel/random/boot_id", boot_id, sizeof boot_id))
		return false;
	boot_id[strcspn(boot_id, "\n")] = '\0';
	return strcmp(boot_id, trace->inner->boot_id) == 0;
}

/* A process that has died but was not waited for is none. */
static bool is_process(uint64_t pid, uint64_t start_ticks)
{
	char path[64], line[1024];

	snprintf(path, sizeof path, "/proc/%llu/stat", (unsigned long long)pid);
	if (!read_line(path, line, sizeof line))
		return false;
	char *at = strrchr(line, ')'); /* the name before it may hold anything */

	if (!at || strlen(at) < 3 || at[2] == 'Z' || at[2] == 'X')
		return false;
	for (int field = 2; at && field < FIELD_START_TICKS; field++)
		at = strchr(at + 1, ' ');
	return at && strtoull(at, NULL, 10) == start_ticks;
}

/* A machine that has booted again runs no process from before. */
static bool is_this_host(const struct trace *trace)
{
	struct utsname names;

	return *trace->process.host && uname(&names) == 0 &&
	       strcmp(names.nodename, trace->process.host) == 0;
}

enum ending ending_find(const struct trace *trace)
{
	const struct trace_private *inner = trace->inner;
	bool here = ending_is_here(trace);

	if (inner->closed || trace->process.snapshot)
		return ENDING_CLOSED;
	if (inner->journal.used || (here && is_process(trace->process.pid, inner->start_ticks)))
		return ENDING_RUNNING;
	return here || (*inner->boot_id && is_this_host(trace)) ? ENDING_KILLED : ENDING_UNKNOWN;
}
