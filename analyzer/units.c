// SPDX-License-Identifier: MIT
/*
 * Lines come from libdw's table of the unit (sorted when it is read; the last row at or before the
 * address, and nothing after an end of sequence); functions from scopes.c; their names on demand.
 */
#include "units.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "die.h"
#include "function_name.h"
#include "guard.h"
#include "scopes.h"
#include "split_paths.h"

#define LINE_BYTES 80	/* that libdw takes for one, about */
#define INLINE_MAX 1024 /* frames at one address */

struct unit {
	Dwarf_Die die;	/* has the lines */
	Dwarf_Die code; /* has the functions: the same, or in a .dwo file */
	Dwarf_Files *files;
	const char *directory;
	struct scopes scopes;
	bool loaded;
};

static void list_units(struct units *u, Dwarf *dwarf)
{
	Dwarf_CU *cu = NULL;
	size_t cap = 0;
	Dwarf_Die die;
	uint8_t type;

	while (dwarf_get_units(dwarf, cu, &cu, NULL, &type, &die, NULL) == 0) {
		guard_tick();
		if (type != DW_UT_compile && type != DW_UT_skeleton)
			continue;
		if (u->n_units == cap) {
			cap = cap ? 2 * cap : 64;
			u->unit = xreallocarray(u->unit, cap, sizeof(*u->unit));
		}
		u->unit[u->n_units++] = (struct unit){.die = die, .code = die};
		unit_map_add(&u->map, dwarf_dieoffset(&die));
	}
	unit_map_start(&u->map, dwarf);
}

bool units_init(struct units *u, Dwarf *dwarf, struct name_map *kept)
{
	*u = (struct units){.kept = kept};
	list_units(u, dwarf);
	return u->n_units > 0;
}

static void release_units(struct units *u)
{
	for (size_t i = 0; i < u->n_units; i++)
		scopes_release(&u->unit[i].scopes);
	free(u->unit);
	u->unit = NULL;
	u->n_units = 0;
}

void units_release(struct units *u)
{
	release_units(u);
	unit_map_release(&u->map);
	for (size_t i = 0; i < u->n_split_paths; i++)
		free(u->split_path[i]);
	free(u->split_path);
	qualified_names_release(&u->qualified);
	*u = (struct units){0};
}

size_t units_bytes(const struct units *u)
{
	return u->bytes + u->qualified.bytes;
}

bool units_forget(struct units *u)
{
	if (u->n_split)
		return false;
	release_units(u);
	qualified_names_forget(&u->qualified);
	unit_map_stop(&u->map);
	u->bytes = 0;
	return true;
}

void units_go_on(struct units *u, Dwarf *dwarf)
{
	list_units(u, dwarf);
}

static struct unit *unit_at(struct units *u, uint64_t address)
{
	uint32_t unit = unit_map_find(&u->map, address);

	return unit == UNIT_NONE ? NULL : &u->unit[unit];
}

uint32_t units_number(struct units *u, uint64_t address)
{
	return unit_map_find(&u->map, address);
}

static bool is_file_or_nothing(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 || S_ISREG(st.st_mode);
}

/* False: libdw must not look, since it would wait for a named pipe that is there. */
static bool note_split_paths(struct units *u, struct unit *unit)
{
	struct split_paths paths = split_paths_of(u->path, &unit->die);
	bool safe = true;

	for (size_t i = 0; i < SPLIT_PATHS; i++) {
		if (!paths.path[i])
			continue;
		if (!(u->n_split_paths &
		      (u->n_split_paths - 1))) /* twice as many at a power of 2 */
			u->split_path = xreallocarray(u->split_path, 2 * u->n_split_paths + 1,
						      sizeof(*u->split_path));
		u->split_path[u->n_split_paths++] = paths.path[i];
		safe = safe && is_file_or_nothing(paths.path[i]);
	}
	return safe;
}

static void load(struct units *u, struct unit *unit)
{
	uint8_t type = 0;
	Dwarf_Die split = {0};
	Dwarf_Lines *lines;
	size_t n_lines;

	unit->loaded = true;
	unit->directory = die_string(&unit->die, DW_AT_comp_dir);
	if (dwarf_cu_info(unit->die.cu, NULL, &type, NULL, NULL, NULL, NULL, NULL) == 0 &&
	    type == DW_UT_skeleton) {
		u->n_split++;
		/* This opens the .dwo file, which is why it is not done for all units. */
		if (note_split_paths(u, unit) &&
		    dwarf_cu_info(unit->die.cu, NULL, NULL, NULL, &split, NULL, NULL, NULL) == 0 &&
		    split.cu)
			unit->code = split;
		else
			u->n_lost++;
	}
	if (dwarf_getsrcfiles(&unit->code, &unit->files, NULL) != 0 &&
	    dwarf_getsrcfiles(&unit->die, &unit->files, NULL) != 0)
		unit->files = NULL;
	if (!unit->files && dwarf_hasattr(&unit->die, DW_AT_stmt_list))
		u->n_damaged++;
	scopes_init(&unit->scopes, &unit->code);
	u->bytes += unit->scopes.n_scopes * sizeof(struct scope) +
		    unit->scopes.n_spans * sizeof(struct span);
	if (dwarf_getsrclines(&unit->die, &lines, &n_lines) == 0)
		u->bytes += n_lines * LINE_BYTES;
}

static const char *join(struct units *u, const struct unit *unit, const char *file)
{
	char *joined;
	const char *result;

	if (!file || !*file || !strcmp(file, "???"))
		return NULL;
	if (file[0] == '/' || !unit->directory) /* in memory of libdw */
		return name_map_intern(u->kept, file);
	joined = xasprintf("%s/%s", unit->directory, file);
	result = name_map_intern(u->kept, joined);
	free(joined);
	return result;
}

static unsigned number(Dwarf_Die *die, unsigned attribute)
{
	Dwarf_Attribute found;
	Dwarf_Word value;

	if (!dwarf_attr(die, attribute, &found) || dwarf_formudata(&found, &value) != 0)
		return 0;
	return value <= UINT32_MAX ? (unsigned)value : 0;
}

static void read_line(struct units *u, struct unit *unit, uint64_t address, struct symbol *out)
{
	Dwarf_Line *row = dwarf_getsrc_die(&unit->die, address);
	int line = 0;

	out->file = row ? join(u, unit, dwarf_linesrc(row, NULL, NULL)) : NULL;
	if (out->file && dwarf_lineno(row, &line) == 0 && line > 0)
		out->line = (unsigned)line;
}

static void read_name(struct units *u, struct unit *unit, struct scope *scope, struct symbol *out)
{
	if (!scope->named) {
		struct function_name f = function_name_get(&scope->die, &unit->code, &u->qualified);

		scope->linkage = f.linkage;
		scope->function = f.linkage ? f.linkage : f.name;
		scope->named = true;
	}
	out->function = scope->function;
	out->linkage = scope->linkage;
}

/* The line in the next function from which SCOPE was inlined. */
static void read_call(struct units *u, struct unit *unit, struct scope *scope, struct symbol *out)
{
	unsigned file = number(&scope->die, DW_AT_call_file);

	*out = (struct symbol){0};
	/* In DWARF 5 file 0 is one; it is not what a call without a file was in. */
	if (unit->files && dwarf_hasattr(&scope->die, DW_AT_call_file))
		out->file = join(u, unit, dwarf_filesrc(unit->files, file, NULL, NULL));
	if (out->file)
		out->line = number(&scope->die, DW_AT_call_line);
}

size_t units_find(struct units *u, uint64_t address, struct symbol **frames)
{
	struct unit *unit = unit_at(u, address);
	struct symbol chain[INLINE_MAX];
	size_t n = 0;
	uint32_t at;

	*frames = NULL;
	if (!unit)
		return 0;
	if (!unit->loaded)
		load(u, unit);
	chain[0] = (struct symbol){0};
	read_line(u, unit, address, &chain[0]);
	at = scopes_find(&unit->scopes, address);
	if (at == SCOPE_NONE && !chain[0].file)
		return 0;
	while (at != SCOPE_NONE && n + 1 < INLINE_MAX) {
		struct scope *scope = &unit->scopes.scope[at];

		read_name(u, unit, scope, &chain[n]);
		at = scope->parent;
		chain[n].inlined = at != SCOPE_NONE;
		n++;
		if (at != SCOPE_NONE)
			read_call(u, unit, scope, &chain[n]);
	}
	if (!n) /* a line without a function: assembler */
		n = 1;
	*frames = xmalloc(n * sizeof(**frames));
	memcpy(*frames, chain, n * sizeof(**frames));
	return n;
}
