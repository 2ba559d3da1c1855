// SPDX-License-Identifier: MIT
/* Units by address, in a program without .debug_aranges: what the units say is kept. */
#include "tests/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyzer/unit_map.h"

static uint64_t function_at;

static int build(const char *path)
{
	char command[1024];
	FILE *f;

	snprintf(command, sizeof command,
		 "echo 'int f(void) { return 1; }' >%s-f.c && "
		 "echo 'int f(void); int main(void) { return f(); }' >%s.c && "
		 "${CC:-cc} -g -o %s %s.c %s-f.c && objcopy -R .debug_aranges %s && "
		 "nm %s | sed -n 's/ T f$//p'",
		 path, path, path, path, path, path, path);
	f = popen(command, "r");
	bool ok = f && fscanf(f, "%lx", &function_at) == 1;

	if (f)
		pclose(f);
	return ok ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

/* Adds the first MOST units, and starts. */
static void add_units(struct unit_map *map, Dwarf *dwarf, size_t most)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die die;

	for (size_t i = 0; i < most && dwarf_get_units(dwarf, cu, &cu, NULL, NULL, &die, NULL) == 0;
	     i++)
		unit_map_add(map, dwarf_dieoffset(&die));
	unit_map_start(map, dwarf);
}

TEST(a_unit_that_is_not_there_any_more_is_not_found)
{
	int fd = build(test_path("units"));
	struct unit_map map = {0};

	if (!CHECK(fd >= 0))
		return;
	Dwarf *dwarf = dwarf_begin(fd, DWARF_C_READ);

	add_units(&map, dwarf, SIZE_MAX);
	CHECK_EQ(map.n_units, 2);
	CHECK_EQ(unit_map_find(&map, function_at), 1);
	unit_map_stop(&map);
	/* The file was written to meanwhile. */
	add_units(&map, dwarf, 1);
	CHECK_EQ(unit_map_find(&map, function_at), UNIT_NONE);
	unit_map_stop(&map);
	add_units(&map, dwarf, SIZE_MAX);
	CHECK_EQ(unit_map_find(&map, function_at), 1);
	unit_map_release(&map);
	dwarf_end(dwarf);
	close(fd);
}
