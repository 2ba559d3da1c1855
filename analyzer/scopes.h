// SPDX-License-Identifier: MIT
/*
 * The functions of one DWARF unit and what was inlined into them, as a table by address.
 *
 * Built by one pass over the unit's DIEs when its first address is asked for; after that an address
 * costs a binary search.  Names are not read here: only DIEs that are shown pay for theirs.
 */
#ifndef ANALYZER_SCOPES_H
#define ANALYZER_SCOPES_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCOPE_NONE UINT32_MAX

struct scope {
	Dwarf_Die die;	      /* of a subprogram or an inlined subroutine */
	uint32_t parent;      /* what it was inlined into; SCOPE_NONE for a function of its own */
	const char *function; /* filled in by the user of the table */
	const char *linkage;
	bool named; /* whether that has happened */
};

struct span {
	uint64_t start; /* up to the start of the next span */
	uint32_t scope;
};

struct scopes {
	struct scope *scope;
	size_t n_scopes;
	struct span *span; /* sorted, disjoint */
	size_t n_spans;
};

/* UNIT is the DIE of a unit; damaged parts of it are left out. */
void scopes_init(struct scopes *s, Dwarf_Die *unit);
void scopes_release(struct scopes *s);
/* The innermost scope around the link-time ADDRESS, or SCOPE_NONE. */
uint32_t scopes_find(const struct scopes *s, uint64_t address);

#endif
