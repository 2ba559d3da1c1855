// SPDX-License-Identifier: MIT
/*
 * What was looked for and not found, why, and what would put it there.
 */
#include "module_advice.h"

#include <stdlib.h>
#include <unistd.h>

#include "die.h"
#include "package.h"

/* Adds what debuginfod said, or might say, to TEXT. */
static char *with_servers(const struct module_symbols *m, char *text)
{
	const char *urls = getenv("DEBUGINFOD_URLS");
	char *longer;

	if (m->fetch_problem)
		longer = xasprintf("%s; debuginfod: %s", text, m->fetch_problem);
	else if (!m->options->debuginfod && urls && *urls && m->build_id_size)
		longer = xasprintf("%s; or give --debuginfod", text);
	else
		return text;
	free(text);
	return longer;
}

/* Says where debug information was looked for, and what would put it there. */
static char *missing_advice(const struct module_symbols *m)
{
	const uint8_t *id = m->build_id;
	size_t size = m->build_id_size;
	char *looked, *package, *text;

	if (m->binary.elf && !size)
		size = elf_file_build_id(&m->binary, &id);
	looked = debug_file_system_path(m->search.sysroot, id, size);
	package = package_advice(m->search.sysroot, m->path);
	if (m->binary.elf && elf_file_is_short(&m->binary))
		text = xasprintf("%s is damaged: it has been cut short", m->path);
	else if (package)
		text = xstrdup(package);
	else if (looked)
		text = xasprintf("build it with -g, or give --debug-dir (not found: %s)", looked);
	else
		text = xasprintf("build it with -g (it has no build-id to look for)");
	free(looked);
	free(package);
	return with_servers(m, text);
}

static char *unreadable_advice(const struct module_symbols *m)
{
	char *text =
		*m->path ? xasprintf("cannot read %s: %s", m->path, elf_file_why_not(m->located))
			 : xstrdup("cannot read a file without name");

	return with_servers(m, text);
}

static char *dwo_advice(const struct module_symbols *m)
{
	char *packed = xasprintf("%s.dwp", m->real_path ? m->real_path : m->path);
	const char *why =
		access(packed, F_OK) == 0 ? "; the .dwp file beside it needs libdw 0.191" : "";
	char *text = xasprintf("%zu of the %zu .dwo files asked for are not there%s",
			       m->units.n_lost, m->units.n_split, why);

	free(packed);
	return text;
}

/* Of what has lines, but not all that it could have. */
static char *partial_advice(const struct module_symbols *m)
{
	if (m->units.n_lost)
		return dwo_advice(m);
	if (m->units.n_damaged)
		return xasprintf("%s is damaged: %zu of the units asked for cannot be read",
				 m->real_path ? m->real_path : m->path, m->units.n_damaged);
	if (m->lost_alternate)
		return xasprintf("the file with its common parts is not there: %s",
				 m->lost_alternate);
	return NULL;
}

char *module_advice(const struct module_symbols *m)
{
	switch (m->debug) {
	case SYMBOLS_DWARF:
		return partial_advice(m);
	case SYMBOLS_NONE:
	case SYMBOLS_SYMTAB:
		return missing_advice(m);
	case SYMBOLS_MISSING:
		return unreadable_advice(m);
	default:
		return NULL;
	}
}
