// SPDX-License-Identifier: MIT
/* libdw looks beside the program first, and then in the directory of the compilation. */
#include "split_file.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "die.h"
#include "function_name.h"

/* Takes PATH over. */
static bool is_safe(char *path)
{
	struct stat st;
	bool safe = stat(path, &st) < 0 || S_ISREG(st.st_mode);

	free(path);
	return safe;
}

bool split_file_is_safe(const char *path, Dwarf_Die *skeleton)
{
	const char *name = die_string(skeleton, DW_AT_dwo_name);
	const char *dir = die_string(skeleton, DW_AT_comp_dir);
	const char *slash = path ? strrchr(path, '/') : NULL;

	if (!name)
		name = die_string(skeleton, DW_AT_GNU_dwo_name);
	if (!name)
		return true;
	if (name[0] == '/')
		return is_safe(xstrdup(name));
	if (slash && !is_safe(xasprintf("%.*s/%s", (int)(slash - path), path, name)))
		return false;
	return !dir || is_safe(xasprintf("%s/%s", dir, name));
}
