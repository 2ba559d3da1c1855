// SPDX-License-Identifier: MIT
/* "name" as "space::class::name", for functions that DWARF gives no mangled name. */
#ifndef ANALYZER_QUALIFIED_NAME_H
#define ANALYZER_QUALIFIED_NAME_H

#include <elfutils/libdw.h>
#include <stddef.h>

#include "name_map.h"

struct qualified_names {
	struct name_map name;	   /* by declaration */
	struct surroundings *unit; /* those that were needed */
	size_t n_units;
	size_t bytes; /* that those take */
};

/* The whole name of the function NAME, whose DIE is DECLARATION; borrowed from Q. */
const char *qualified_name_get(struct qualified_names *q, Dwarf_Die *declaration, const char *name);
/* Releases all but the names. */
void qualified_names_forget(struct qualified_names *q);
void qualified_names_release(struct qualified_names *q);

#endif
