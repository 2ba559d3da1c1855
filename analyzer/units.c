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

#define RANGES_MAX (1u << 24) /* in all units: a damaged file may name one long list many times */
#define LINE_BYTES 80	      /* that libdw takes for one, about */
#define INLINE_MAX 1024	      /* frames at one address */

struct unit {
	Dwarf_Off offset;
	Dwarf_Die die;	/* has the lines */
	Dwarf_Die code; /* has the functions: the same, or in a .dwo file */
	Dwarf_Files *files;
	const char *directory;
	struct scopes scopes;
	bool loaded;
};

struct unit_range {
	uint64_t low, high;
	uint64_t reach; /* the greatest HIGH so far */
	uint32_t unit;
};

static void list_units(struct units *u, Dwarf *dwarf)
{
	Dwarf_CU *cu = NULL;
	size_t cap = 0, n_aranges;
	Dwarf_Die die;
	uint8_t type;

	u->dwarf = dwarf;
	while (dwarf_get_units(dwarf, cu, &cu, NULL, &type, &die, NULL) == 0) {
		guard_tick();
		if (type != DW_UT_compile && type != DW_UT_skeleton)
			continue;
		if (u->n_units == cap) {
			cap = cap ? 2 * cap : 64;
			u->unit = xreallocarray(u->unit, cap, sizeof(*u->unit));
		}
		u->unit[u->n_units++] =
			(struct unit){.offset = dwarf_dieoffset(&die), .die = die, .code = die};
	}
	if (dwarf_getaranges(dwarf, &u->aranges, &n_aranges) != 0)
		u->aranges = NULL;
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
	free(u->range);
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
	u->aranges = NULL;
	u->bytes = 0;
	return true;
}

void units_go_on(struct units *u, Dwarf *dwarf)
{
	list_units(u, dwarf);
	if (!u->n_units)
		u->n_ranges = 0;
}

static struct unit *unit_at_offset(struct units *u, Dwarf_Off offset)
{
	size_t low = 0, high = u->n_units;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (u->unit[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low && u->unit[low - 1].offset == offset ? &u->unit[low - 1] : NULL;
}

static int by_low(const void *a, const void *b)
{
	const struct unit_range *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	return (x->unit > y->unit) - (x->unit < y->unit);
}

static void build_ranges(struct units *u)
{
	size_t cap = 0;
	uint64_t reach = 0;

	u->have_ranges = true;
	for (size_t i = 0; i < u->n_units; i++) {
		Dwarf_Addr base, low, high;
		ptrdiff_t at = 0;

		while ((at = dwarf_ranges(&u->unit[i].die, at, &base, &low, &high)) > 0) {
			guard_tick();
			if (low == 0 || low >= high) /* thrown away by the linker */
				continue;
			if (u->n_ranges == RANGES_MAX)
				break;
			if (u->n_ranges == cap) {
				cap = cap ? 2 * cap : 64;
				u->range = xreallocarray(u->range, cap, sizeof(*u->range));
			}
			u->range[u->n_ranges++] =
				(struct unit_range){.low = low, .high = high, .unit = i};
		}
	}
	if (u->n_ranges)
		qsort(u->range, u->n_ranges, sizeof(*u->range), by_low);
	for (size_t i = 0; i < u->n_ranges; i++) {
		if (u->range[i].high > reach)
			reach = u->range[i].high;
		u->range[i].reach = reach;
	}
}

static struct unit *unit_in_ranges(struct units *u, uint64_t address)
{
	size_t low = 0, high;

	if (!u->have_ranges)
		build_ranges(u);
	high = u->n_ranges;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (u->range[middle].low <= address)
			low = middle + 1;
		else
			high = middle;
	}
	while (low-- > 0 && u->range[low].reach > address)
		if (address < u->range[low].high)
			return &u->unit[u->range[low].unit];
	return NULL;
}

static struct unit *unit_at(struct units *u, uint64_t address)
{
	Dwarf_Arange *arange = dwarf_getarange_addr(u->aranges, address);
	Dwarf_Addr start;
	Dwarf_Off offset;

	/* The linker gives what it threw away the address 0; it may reach into what it kept. */
	if (arange && dwarf_getarangeinfo(arange, &start, NULL, &offset) == 0 && start != 0) {
		struct unit *found = unit_at_offset(u, offset);

		if (found)
			return found;
	}
	return unit_in_ranges(u, address);
}

uint32_t units_number(struct units *u, uint64_t address)
{
	const struct unit *unit = unit_at(u, address);

	return unit ? (uint32_t)(unit - u->unit) : UINT32_MAX;
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
