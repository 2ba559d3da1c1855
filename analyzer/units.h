// SPDX-License-Identifier: MIT
/*
 * The DWARF of one module, asked by address.
 *
 * Finding a unit costs a binary search in .debug_aranges, or in a table built from the units' own
 * ranges when that does not know the address.  Only units that are hit are read.
 */
#ifndef ANALYZER_UNITS_H
#define ANALYZER_UNITS_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "name_map.h"
#include "qualified_name.h"
#include "symbols.h"
#include "unit_map.h"

struct units {
	struct unit *unit; /* by offset in .debug_info */
	size_t n_units;
	struct unit_map map;
	struct name_map *kept; /* where joined paths go; borrowed */
	struct qualified_names qualified;
	const char *path;	/* of the file, without links in it; NULL: none; borrowed */
	size_t n_damaged;	/* units whose lines cannot be read */
	size_t bytes;		/* of scopes and lines, see units_bytes */
	size_t n_split, n_lost; /* units whose code is in .dwo files; those whose file is missing */
	char **split_path;	/* where .dwo files were looked for */
	size_t n_split_paths;
};

/* DWARF stays the caller's. False when there is no unit in it. */
bool units_init(struct units *u, Dwarf *dwarf, struct name_map *kept);
void units_release(struct units *u);

/*
 * The chain at the link-time ADDRESS, innermost first, in *FRAMES, to be freed by the caller; the
 * function is not demangled. Returns the length; 0 (and NULL) when DWARF says nothing.
 */
size_t units_find(struct units *u, uint64_t address, struct symbol **frames);

/* Tells addresses of different units apart, without reading them. */
uint32_t units_number(struct units *u, uint64_t address);

/* What was read so far takes about so much. */
size_t units_bytes(const struct units *u);
/*
 * Releases all that was read, but not what units_find has told, and needs no DWARF until
 * units_go_on. False, with nothing done, where there are .dwo files, as names are in them.
 */
bool units_forget(struct units *u);
/* DWARF is of the same file; NULL: nothing will be found any more. */
void units_go_on(struct units *u, Dwarf *dwarf);

#endif
