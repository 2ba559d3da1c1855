// SPDX-License-Identifier: MIT
/*
 * Names of processes, as pstree and syslog write them.
 */
#include "process_name.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/*
 * The program as it was called, redis-server and not what that is a link to: "-bash" of a login,
 * "postgres: checkpointer" by its title.
 */
static char *program_name(const struct trace_process *process)
{
	const char *called = process->n_command ? process->command[0] : "",
		   *colon = strstr(called, ": ");
	char *whole = xstrndup(called, colon ? (size_t)(colon - called) : strlen(called));
	const char *name = last_component(whole);
	char *copy = xstrdup(*name == '-' ? name + 1 : name);

	free(whole);
	if (*copy)
		return copy;
	free(copy);
	return xstrdup(last_component(process->executable));
}

char *process_name(const struct trace_process *process, const char *path)
{
	if (!process->pid)
		return xstrdup(last_component(trace_name(path)));
	char *program = program_name(process),
	     *name = xasprintf("%s[%llu]", program, (unsigned long long)process->pid);

	free(program);
	return name;
}
