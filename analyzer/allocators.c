// SPDX-License-Identifier: MIT
/*
 * Entry points by name, and C++ and Rust library code by namespace. A C++ name may begin with its
 * return type ("void std::vector<int>::push_back(int&&)"), and what stands in template arguments or
 * in parameters says nothing of where the function lives.
 */
#include "allocators.h"

#include <stddef.h>
#include <string.h>

/* The lists stand in man/tmtrace.1 too; a test compares them. */
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
	"__cxa_allocate_exception",
	"__cxa_allocate_dependent_exception",
	"__rust_alloc",
	"__rust_alloc_zeroed",
	"__rust_realloc",
	"__rg_alloc",
	"__rg_alloc_zeroed",
	"__rg_realloc",
	"__rdl_alloc",
	"__rdl_alloc_zeroed",
	"__rdl_realloc",
	"gc_malloc",
	"gc_qalloc",
	"gc_calloc",
	"gc_realloc",
	"gc_extend",
	"tmtrace_track",
};

/* GLib's and D's, whatever stands behind: g_malloc0_n, g_strdup_printf, _d_newarrayT. */
static const char *const name_prefixes[] = {
	"g_malloc",
	"g_try_malloc",
	"g_realloc",
	"g_try_realloc",
	"g_strdup",
	"g_strndup",
	"g_strconcat",
	"g_strjoin",
	"g_strsplit",
	"g_memdup",
	"g_slice_alloc",
	"g_slice_copy",
	"g_aligned_alloc",
	"g_array_",
	"g_byte_array_",
	"g_ptr_array_",
	"g_list_",
	"g_slist_",
	"g_queue_",
	"g_hash_table_",
	"g_string_",
	"_d_newarray",
	"_d_newclass",
	"_d_newitem",
	"_d_newThrowable",
	"_d_allocmemory",
	"_d_allocclass",
	"_d_arrayappend",
	"_d_arraycat",
	"_d_arrayliteral",
	"_d_arraysetlength",
	"_d_assocarrayliteral",
	"_aaGet",
	"core.internal.",
	"core.memory.",
	"core.lifetime.",
	"rt.lifetime.",
	"rt.aaA.",
	"gc.impl.",
	"std.array.",
	"std.container.",
	"std.conv.",
	"std.format.",
	"std.string.",
	"std.experimental.allocator.",
};

static const char *const namespaces[] = {
	"std::",
	"__gnu_cxx::",
	"operator new",
	"boost::alignment::",
	"boost::allocate_shared",
	"boost::allocate_unique",
	"boost::any::",
	"boost::circular_buffer",
	"boost::container::",
	"boost::default_user_allocator_",
	"boost::detail::shared_count::",
	"boost::detail::sp_",
	"boost::fast_pool_allocator",
	"boost::function",
	"boost::intrusive::",
	"boost::make_shared",
	"boost::make_unique",
	"boost::multi_index::",
	"boost::object_pool",
	"boost::pool",
	"boost::shared_ptr",
	"boost::simple_segregated_storage",
	"boost::singleton_pool",
	"boost::unordered",
	"tmtrace_track(", /* as C++ has it */
};

/* Rust's, where paths have no parameters: a C++ core::start() is the program's own. */
static const char *const crates[] = {
	"alloc::", "core::", "std::", "hashbrown::", "__rustc::",
};

/* Traits of the libraries that no program implements itself. */
static const char *const inner_traits[] = {
	"alloc::vec::", "alloc::slice::", "alloc::string::Spec", "alloc::collections::", "<[",
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

static bool is_of_crate(const char *path)
{
	return has_prefix(path, crates, sizeof crates / sizeof *crates);
}

/* Of "<TYPE as TRAIT>::..." the end of TYPE, of "<TYPE>::..." the last bracket; NULL: no such name. */
static const char *type_end(const char *type)
{
	int depth = 0;

	for (const char *at = type; *at; at++) {
		if (!depth && strncmp(at, " as ", 4) == 0)
			return at;
		if (*at == '>' && at[-1] == '-')
			continue; /* fn() -> u8 */
		if (*at == '>' && !depth)
			return at;
		depth += *at == '<' || *at == '(' || *at == '[' || *at == '{';
		depth -= *at == '>' || *at == ')' || *at == ']' || *at == '}';
	}
	return NULL;
}

/*
 * Whether a type is the language's or its libraries' own: u8, [T], &str, a tuple, Vec<T>. What has no
 * path at all is one, or stands for any type.
 */
static bool is_own_type(const char *type, const char *end)
{
	while (*type == '&' || *type == '*' || strncmp(type, "mut ", 4) == 0 ||
	       strncmp(type, "const ", 6) == 0 || strncmp(type, "dyn ", 4) == 0)
		type += *type == '&' || *type == '*' ? 1 : *type == 'c' ? 6 : 4;
	if (!memmem(type, (size_t)(end - type), "::", 2))
		return true;
	while (*type == '<') /* a function of a type, as a type */
		type++;
	return *type == '[' || *type == '(' || is_of_crate(type);
}

/*
 * A trait of the libraries for a type of theirs can only be their own code. One for the program's
 * type is the program's, but for the inner ones of the library of collections.
 */
static bool is_rust_method(const char *name)
{
	const char *type = name + 1, *end = *name == '<' ? type_end(type) : NULL;

	if (!end)
		return false;
	if (*end == '>')
		return is_own_type(type, end);
	const char *trait = end + 4;

	return has_prefix(trait, inner_traits, sizeof inner_traits / sizeof *inner_traits) ||
	       (is_of_crate(trait) && is_own_type(type, end));
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
	if (*function == '<')
		return is_rust_method(function);
	bool parameters = false;
	const char *name = skip_return_type(function, &parameters);

	if (has_prefix(name, namespaces, sizeof namespaces / sizeof *namespaces))
		return true;
	return !parameters && name == function && is_of_crate(function);
}
