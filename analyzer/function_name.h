// SPDX-License-Identifier: MIT
/* What DWARF calls a function. */
#ifndef ANALYZER_FUNCTION_NAME_H
#define ANALYZER_FUNCTION_NAME_H

#include <elfutils/libdw.h>

#include "qualified_name.h"

struct function_name {
	const char *linkage; /* the mangled name; NULL when there is none */
	const char *name;    /* without a mangled one: as in the source, qualified; may be NULL */
};

/*
 * Names the function whose subprogram or inlined_subroutine is DIE; UNIT is the DIE of its unit.
 * Strings are borrowed from the DWARF or from NAMES, which has to die with it.
 */
struct function_name function_name_get(Dwarf_Die *die, Dwarf_Die *unit,
				       struct qualified_names *names);

/* A string attribute of DIE itself, checked to end inside the unit; NULL without. */
const char *die_string(Dwarf_Die *die, unsigned attribute);

#endif
