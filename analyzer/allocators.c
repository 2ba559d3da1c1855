// SPDX-License-Identifier: MIT
/*
 * Entry points by name, and C++ and Rust library code by namespace. A C++ name may begin with its
 * return type ("void std::vector<int>::push_back(int&&)"), and what stands in template arguments or
 * in parameters says nothing of where the function lives.
 */
#include "allocators.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {
	"malloc",
	"calloc",
	"realloc",
	"reallocarray",
	"free",
	"cfree",
	"memalign",
	"aligned_alloc",
	"posix_memalign",
	"valloc",
	"pvalloc",
	"strdup",
	"strndup",
	"wcsdup",
	"__strdup",
	"__strndup",
	"asprintf",
	"vasprintf",
	"__asprintf",
	"__vasprintf",
	"__asprintf_chk",
	"__vasprintf_chk",
	"__vasprintf_internal",
	"getline",
	"getdelim",
	"__getline",
	"__getdelim",
	"_IO_getdelim",
	"__libc_malloc",
	"__libc_calloc",
	"__libc_realloc",
	"__libc_memalign",
	"__rust_alloc",
	"__rust_alloc_zeroed",
	"__rust_realloc",
	"__rg_alloc",
	"__rg_alloc_zeroed",
	"__rg_realloc",
	"__rdl_alloc",
	"__rdl_alloc_zeroed",
	"__rdl_realloc",
	"tmtrace_track",
};

/* GLib's, whatever stands behind: g_malloc0_n, g_strdup_printf. */
static const char *const name_prefixes[] = {
	"g_malloc",	 "g_try_malloc", "g_realloc",	    "g_try_realloc",
	"g_strdup",	 "g_strndup",	 "g_strconcat",	    "g_memdup",
	"g_slice_alloc", "g_slice_copy", "g_aligned_alloc",
};

static const char *const namespaces[] = {
	"std::", "__gnu_cxx::", "operator new", "tmtrace_track(", /* as C++ has it */
};

/* Rust's, where paths have no parameters: a C++ core::start() is the program's own. */
static const char *const crates[] = {
	"alloc::", "core::",	   "hashbrown::",   "<alloc::",	    "<core::",
	"<std::",  "<hashbrown::", "<T as alloc::", "<T as core::",
};

static bool has_prefix(const char *text, const char *const *prefixes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(text, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* Whether the bracket at AT opens the parameters, and is no part of a name or a type. */
static bool opens_parameters(const char *function, const char *at)
{
	static const char decltype[] = "decltype";
	size_t size = sizeof decltype - 1;
	const char *before = at > function && at[-1] == ' ' ? at - 1 : at;

	if (strncmp(at, "(anonymous namespace)", 21) == 0)
		return false;
	return (size_t)(before - function) < size || strncmp(before - size, decltype, size) != 0;
}

/*
 * The name itself, behind a return type: it begins after the last space outside of all brackets,
 * before the parameters. "operator new" has a space of its own.
 */
static const char *skip_return_type(const char *function, bool *parameters)
{
	const char *name = function;
	int depth = 0;

	for (const char *at = function; *at; at++) {
		if (strncmp(at, "operator", 8) == 0 && (at == function || strchr(" :>", at[-1])))
			break; /* what follows may be any brackets: operator(), operator< */
		*parameters = *at == '(' && !depth && opens_parameters(function, at);
		if (*parameters)
			break;
		depth += *at == '<' || *at == '(' || *at == '[' || *at == '{';
		depth -= *at == '>' || *at == ')' || *at == ']' || *at == '}';
		if (*at == ' ' && !depth && at[1] != '(' && at[1] != '[')
			name = at + 1;
	}
	return name;
}

bool allocators_has(const char *function)
{
	static const char hidden[] = "__GI_"; /* glibc's names for its own calls: __GI___strdup */

	if (strncmp(function, hidden, sizeof hidden - 1) == 0)
		function += sizeof hidden - 1;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(function, names[i]) == 0)
			return true;
	if (has_prefix(function, name_prefixes, sizeof name_prefixes / sizeof *name_prefixes))
		return true;
	bool parameters = false;
	const char *name = skip_return_type(function, &parameters);

	if (has_prefix(name, namespaces, sizeof namespaces / sizeof *namespaces))
		return true;
	return !parameters && has_prefix(function, crates, sizeof crates / sizeof *crates);
}
