// SPDX-License-Identifier: MIT
/*
 * In a .dwo file beside the program, in one in the directory of the compilation, and with libdw 0.191
 * or later in the .dwp file of the program.
 */
#include "split_paths.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "function_name.h"

/* NAME, which may be relative to the directory of the file at PATH. */
static char *beside(const char *path, const char *name)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	if (name[0] == '/' || !slash)
		return xstrdup(name);
	return xasprintf("%.*s/%s", (int)(slash - path), path, name);
}

struct split_paths split_paths_of(const char *path, Dwarf_Die *skeleton)
{
	const char *name = die_string(skeleton, DW_AT_dwo_name);
	const char *directory = die_string(skeleton, DW_AT_comp_dir);
	struct split_paths paths = {0};

	if (!name)
		name = die_string(skeleton, DW_AT_GNU_dwo_name);
	if (!name)
		return paths;
	paths.path[0] = beside(path, name);
	if (name[0] != '/' && directory) {
		char *joined = xasprintf("%s/%s", directory, name);

		paths.path[1] = beside(path, joined);
		free(joined);
	}
	if (path)
		paths.path[2] = xasprintf("%s.dwp", path);
	return paths;
}
