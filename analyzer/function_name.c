// SPDX-License-Identifier: MIT
/*
 * A concrete function points at its abstract one, that at its declaration in a class; the names may
 * be on any of the three.  Where there is no mangled name (extern "C", but also some compilers'
 * constructors and lambdas) the enclosing namespaces and classes are put before the plain one.
 */
#include "function_name.h"

#include <dwarf.h>
#include <stdbool.h>

#define HOPS_MAX 8 /* compilers need three; a damaged file may go in circles */

/* Of DWARF 6, used in DWARF 5 too; elfutils names them since 0.189. */
enum { LANG_C_PLUS_PLUS_17 = 0x2a, LANG_C_PLUS_PLUS_20 = 0x2b };

struct facts {
	Dwarf_Attribute linkage, name, origin, specification;
};

static int take(Dwarf_Attribute *attribute, void *arg)
{
	struct facts *f = arg;

	switch (dwarf_whatattr(attribute)) {
	case DW_AT_linkage_name:
	case DW_AT_MIPS_linkage_name:
		f->linkage = *attribute;
		break;
	case DW_AT_name:
		f->name = *attribute;
		break;
	case DW_AT_abstract_origin:
		f->origin = *attribute;
		break;
	case DW_AT_specification:
		f->specification = *attribute;
		break;
	}
	return DWARF_CB_OK;
}

/*
 * Going through all attributes to the end is what proves that the strings among them are
 * terminated: libdw looks for the zero when it steps over one, not when it hands it out.
 */
static bool read_facts(Dwarf_Die *die, struct facts *f)
{
	*f = (struct facts){0};
	return dwarf_getattrs(die, take, f, 0) == 1;
}

static const char *text(Dwarf_Attribute *attribute)
{
	const char *s = attribute->valp ? dwarf_formstring(attribute) : NULL;

	return s && *s ? s : NULL;
}

struct wanted {
	unsigned code;
	Dwarf_Attribute found;
};

static int take_wanted(Dwarf_Attribute *attribute, void *arg)
{
	struct wanted *w = arg;

	if (dwarf_whatattr(attribute) == w->code)
		w->found = *attribute;
	return DWARF_CB_OK;
}

const char *die_string(Dwarf_Die *die, unsigned attribute)
{
	struct wanted w = {.code = attribute};

	return dwarf_getattrs(die, take_wanted, &w, 0) == 1 ? text(&w.found) : NULL;
}

/*
 * Whether functions there may have more than one word to their names; UNIT is that of the code.
 * Where link-time optimization or dwz put the declaration into another unit, that one's language
 * counts, if it says any: units they made up do not.
 */
static bool has_namespaces(Dwarf_Die *declaration, Dwarf_Die *unit)
{
	Dwarf_Die own;
	int language = -1;

	if (dwarf_diecu(declaration, &own, NULL, NULL))
		language = dwarf_srclang(&own);
	switch (language > 0 ? language : dwarf_srclang(unit)) {
	case DW_LANG_C_plus_plus:
	case DW_LANG_C_plus_plus_03:
	case DW_LANG_C_plus_plus_11:
	case DW_LANG_C_plus_plus_14:
	case LANG_C_PLUS_PLUS_17:
	case LANG_C_PLUS_PLUS_20:
	case DW_LANG_ObjC_plus_plus:
	case DW_LANG_Rust:
	case DW_LANG_D:
		return true;
	default:
		return false;
	}
}

struct function_name function_name_get(Dwarf_Die *die, Dwarf_Die *unit,
				       struct qualified_names *names)
{
	struct function_name result = {0};
	Dwarf_Die at = *die;

	for (int hop = 0; hop < HOPS_MAX; hop++) {
		struct facts f;
		Dwarf_Attribute *next;

		if (!read_facts(&at, &f))
			break;
		result.linkage = text(&f.linkage);
		if (result.linkage)
			return result;
		if (!result.name)
			result.name = text(&f.name);
		next = f.origin.valp ? &f.origin : &f.specification;
		if (!next->valp || !dwarf_formref_die(next, &at))
			break;
	}
	if (result.name && has_namespaces(&at, unit))
		result.name = qualified_name_get(names, &at, result.name);
	return result;
}
