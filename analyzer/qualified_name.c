// SPDX-License-Identifier: MIT
/*
 * DWARF knows no way from a DIE to the one around it.  So the first name wanted of a unit costs a
 * walk over all that can surround a function, which is kept: the next ones cost a search each.
 */
#include "qualified_name.h"

#include <dwarf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "function_name.h"
#include "guard.h"

#define DEPTH_MAX 512 /* of nested DIEs; compilers stay below 100 */
#define HOPS_MAX 8    /* compilers need two; a damaged file may go in circles */
#define NAME_SIZE 4096
#define OUTERMOST UINT32_MAX

struct surrounding {
	Dwarf_Die die;
	uint32_t outer; /* an index, or OUTERMOST */
};

/* Of one unit, in the order of the DIEs, which is that of their addresses. */
struct surroundings {
	const void *unit;
	struct surrounding *at;
	size_t n, cap;
};

static bool surrounds(int tag)
{
	switch (tag) {
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_interface_type:
	case DW_TAG_subprogram:
	case DW_TAG_lexical_block:
		return true;
	default:
		return false;
	}
}

static uint32_t add(struct surroundings *s, Dwarf_Die *die, uint32_t outer)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 256;
		s->at = xreallocarray(s->at, s->cap, sizeof(*s->at));
	}
	s->at[s->n] = (struct surrounding){*die, outer};
	return (uint32_t)s->n++;
}

/* As in scopes.c, DIEs come in the order of their addresses, or the file is damaged. */
static void walk(struct surroundings *s, Dwarf_Die *unit)
{
	const char *last = NULL;
	struct surrounding *stack = xmalloc(DEPTH_MAX * sizeof(*stack));
	struct surrounding *top = stack;

	top->outer = OUTERMOST;
	if (dwarf_child(unit, &top->die) != 0)
		goto out;
	while (!last || (const char *)top->die.addr > last) {
		guard_tick();
		last = top->die.addr;
		if (surrounds(dwarf_tag(&top->die))) {
			uint32_t self = add(s, &top->die, top->outer);

			if (top + 1 < stack + DEPTH_MAX &&
			    dwarf_child(&top->die, &top[1].die) == 0) {
				top++;
				top->outer = self;
				continue;
			}
		}
		while (dwarf_siblingof(&top->die, &top->die) != 0) {
			if (top == stack)
				goto out;
			top--;
		}
	}
out:
	free(stack);
}

static const struct surroundings *get_surroundings(struct qualified_names *q, Dwarf_Die *die)
{
	struct surroundings *s;
	Dwarf_Die unit;

	if (!dwarf_diecu(die, &unit, NULL, NULL))
		return NULL;
	for (size_t i = 0; i < q->n_units; i++)
		if (q->unit[i].unit == unit.addr)
			return &q->unit[i];
	q->unit = xreallocarray(q->unit, q->n_units + 1, sizeof(*q->unit));
	s = &q->unit[q->n_units++];
	*s = (struct surroundings){.unit = unit.addr};
	walk(s, &unit);
	q->bytes += s->n * sizeof(*s->at);
	return s;
}

/* Moves DIE to what is directly around it. */
static bool go_out(struct qualified_names *q, Dwarf_Die *die)
{
	const struct surroundings *s = get_surroundings(q, die);
	size_t low = 0, high = s ? s->n : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((const char *)s->at[middle].die.addr < (const char *)die->addr)
			low = middle + 1;
		else
			high = middle;
	}
	if (!s || low == s->n || s->at[low].die.addr != die->addr || s->at[low].outer == OUTERMOST)
		return false;
	*die = s->at[s->at[low].outer].die;
	return true;
}

/*
 * A class that is completed, or a member that is defined, outside of what it is declared in has its
 * name and its surroundings at the declaration.
 */
static void go_to_declaration(Dwarf_Die *die)
{
	Dwarf_Attribute found;

	for (int hop = 0; hop < HOPS_MAX && !dwarf_hasattr(die, DW_AT_name); hop++)
		if ((!dwarf_attr(die, DW_AT_specification, &found) &&
		     !dwarf_attr(die, DW_AT_abstract_origin, &found)) ||
		    !dwarf_formref_die(&found, die))
			break;
}

/* The word for DIE in a name; NULL when it has none there. */
static const char *word(Dwarf_Die *die, const char *function)
{
	int tag = dwarf_tag(die);
	const char *name;

	if (tag == DW_TAG_lexical_block)
		return NULL;
	name = die_string(die, DW_AT_name);
	if (name || tag == DW_TAG_subprogram)
		return name;
	if (tag == DW_TAG_namespace)
		return "(anonymous namespace)";
	return !strncmp(function, "operator()", 10) ? "{lambda}" : "(anonymous)";
}

static char *make(struct qualified_names *q, Dwarf_Die *declaration, const char *name)
{
	char full[NAME_SIZE];
	size_t at = sizeof(full) - strlen(name) - 1;
	Dwarf_Die die = *declaration;

	if (strlen(name) >= sizeof(full) / 2)
		return xstrdup(name);
	strcpy(full + at, name);
	for (int depth = 0; depth < DEPTH_MAX && go_out(q, &die); depth++) {
		const char *part;
		size_t n;

		go_to_declaration(&die);
		part = word(&die, name);
		n = part ? strlen(part) : 0;
		if (!part)
			continue;
		if (n + 2 > at)
			break;
		at -= n + 2;
		memcpy(full + at, part, n);
		memcpy(full + at + n, "::", 2);
	}
	return xstrdup(full + at);
}

const char *qualified_name_get(struct qualified_names *q, Dwarf_Die *declaration, const char *name)
{
	char key[2 + 2 * sizeof(void *) + 1];
	const char *found;

	snprintf(key, sizeof(key), "%p", declaration->addr);
	if (!name_map_find(&q->name, key, &found)) {
		char *made = make(q, declaration, name);

		name_map_add(&q->name, key, made);
		found = made;
	}
	return found;
}

void qualified_names_forget(struct qualified_names *q)
{
	for (size_t i = 0; i < q->n_units; i++)
		free(q->unit[i].at);
	free(q->unit);
	q->unit = NULL;
	q->n_units = 0;
	q->bytes = 0;
}

void qualified_names_release(struct qualified_names *q)
{
	qualified_names_forget(q);
	name_map_release(&q->name);
	*q = (struct qualified_names){0};
}
