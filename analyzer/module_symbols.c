// SPDX-License-Identifier: MIT
/*
 * Puts the sources of one module together: which files its names come from, in which order, and
 * what to tell the user when there are none.  DWARF gives functions, inlines and lines; the symbol
 * table gives the function where DWARF has none.
 */
#include "module_symbols.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demangle.h"
#include "die.h"
#include "package.h"

struct module_symbols *module_symbols_new(const struct symbols_options *options, const char *path,
					  const uint8_t *build_id, size_t build_id_size)
{
	struct module_symbols *m = xcalloc(1, sizeof(*m));

	m->options = options;
	m->search = (struct debug_search){
		.dirs = options->debug_dirs,
		.n_dirs = options->n_debug_dirs,
		.sysroot = options->sysroot ? options->sysroot : "",
	};
	m->path = xstrdup(path);
	if (build_id_size) {
		m->build_id = xmalloc(build_id_size);
		memcpy(m->build_id, build_id, build_id_size);
		m->build_id_size = build_id_size;
	}
	return m;
}

void module_symbols_free(struct module_symbols *m)
{
	if (!m)
		return;
	units_release(&m->units);
	symbol_table_release(&m->table);
	dwarf_end(m->dwarf);
	dwarf_end(m->alternate_dwarf);
	elf_file_release(&m->binary);
	elf_file_release(&m->separate);
	elf_file_release(&m->alternate);
	elf_file_release(&m->packed);
	free(m->path);
	free(m->build_id);
	free(m->advice);
	name_map_release(&m->names);
	name_map_release(&m->kept);
	free(m);
}

/* Returns what is wrong: SYMBOLS_MISSING, SYMBOLS_MISMATCH; or SYMBOLS_NONE when nothing is. */
static enum symbols_debug open_binary(struct module_symbols *m, const char *path)
{
	const uint8_t *found;

	if (!strcmp(m->path, "[vdso]") || !strncmp(m->path, "linux-vdso", 10)) {
		if (!elf_file_open_vdso(&m->binary))
			return SYMBOLS_MISSING;
	} else if (!elf_file_open(&m->binary, path)) {
		return SYMBOLS_MISSING;
	}
	if (!m->build_id_size || elf_file_has_build_id(&m->binary, m->build_id, m->build_id_size))
		return SYMBOLS_NONE;
	if (elf_file_build_id(&m->binary, &found)) {
		m->advice = xasprintf("%s is not the file that ran: its build-id differs", m->path);
	} else {
		m->advice = xasprintf("%s is not the file that ran: it has no build-id", m->path);
	}
	elf_file_release(&m->binary);
	return SYMBOLS_MISMATCH;
}

static void open_separate(struct module_symbols *m, const char *path)
{
	const uint8_t *id = m->build_id;
	size_t size = m->build_id_size;

	if (m->binary.elf && !size)
		size = elf_file_build_id(&m->binary, &id);
	if (debug_file_by_build_id(&m->search, id, size, &m->separate))
		return;
	if (m->binary.elf)
		debug_file_by_link(&m->search, &m->binary, path, &m->separate);
}

/* The path libdw sees, for what is named relative to it. */
static char *path_of(const struct elf_file *f)
{
	return xasprintf("/proc/self/fd/%d", f->fd);
}

static bool open_units(struct module_symbols *m, const struct elf_file *f)
{
	char *path;

	if (!elf_file_has_section(f, "debug_info"))
		return false;
	m->dwarf = dwarf_begin_elf(f->elf, DWARF_C_READ, NULL);
	if (!m->dwarf)
		return false;
	path = path_of(f);
	if (debug_file_alternate(&m->search, m->dwarf, path, &m->alternate)) {
		m->alternate_dwarf = dwarf_begin_elf(m->alternate.elf, DWARF_C_READ, NULL);
		if (m->alternate_dwarf)
			dwarf_setalt(m->dwarf, m->alternate_dwarf);
	}
	free(path);
	if (units_init(&m->units, m->dwarf, &m->kept))
		return true;
	units_release(&m->units);
	dwarf_end(m->dwarf);
	m->dwarf = NULL;
	return false;
}

static void read_tables(struct module_symbols *m)
{
	if (m->separate.elf && elf_file_has_section(&m->separate, "symtab")) {
		symbol_table_add(&m->table, &m->separate);
	} else if (m->binary.elf) {
		if (!elf_file_has_section(&m->binary, "symtab") &&
		    elf_file_open_debugdata(&m->packed, &m->binary))
			symbol_table_add(&m->table, &m->packed);
		symbol_table_add(&m->table, &m->binary);
	}
	symbol_table_sort(&m->table);
}

void module_symbols_load(struct module_symbols *m)
{
	char *path = xasprintf("%s%s", m->search.sysroot, m->path);
	enum symbols_debug wrong = open_binary(m, path);

	m->have_units = m->binary.elf && open_units(m, &m->binary);
	if (!m->have_units) {
		open_separate(m, path);
		m->have_units = m->separate.elf && open_units(m, &m->separate);
	}
	free(path);
	read_tables(m);
	if (m->have_units)
		m->debug = SYMBOLS_DWARF;
	else
		m->debug = m->table.n ? SYMBOLS_SYMTAB : wrong;
}

/* Says where debug information was looked for, and what would put it there. */
static char *missing_advice(struct module_symbols *m)
{
	const uint8_t *id = m->build_id;
	size_t size = m->build_id_size;
	char *looked, *package, *text;

	if (m->binary.elf && !size)
		size = elf_file_build_id(&m->binary, &id);
	looked = debug_file_build_id_path(DEBUG_FILE_DIR, id, size);
	package = package_of_debug(m->search.sysroot, m->path);
	if (package)
		text = xasprintf("install %s (not found: %s)", package,
				 looked ? looked : "a debug file beside it");
	else if (looked)
		text = xasprintf("build it with -g, or give --debug-dir (not found: %s)", looked);
	else
		text = xasprintf("build it with -g (it has no build-id to look for)");
	free(looked);
	free(package);
	return text;
}

const char *module_symbols_advice(struct module_symbols *m)
{
	if (m->debug == SYMBOLS_DWARF) {
		if (m->units.n_lost && !m->advice)
			m->advice = xasprintf("%zu of the %zu .dwo files asked for are not there",
					      m->units.n_lost, m->units.n_split);
		return m->units.n_lost ? m->advice : NULL;
	}
	if (m->have_advice || !strcmp(m->path, "[vdso]"))
		return m->advice;
	m->have_advice = true;
	if (m->debug == SYMBOLS_NONE || m->debug == SYMBOLS_SYMTAB)
		m->advice = missing_advice(m);
	else if (m->debug == SYMBOLS_MISSING)
		m->advice = xasprintf("cannot read %s", *m->path ? m->path : "a file without name");
	return m->advice;
}

/* The readable form of a name from the symbol table or of DW_AT_linkage_name. */
static const char *readable(struct module_symbols *m, const char *name)
{
	const char *found;

	if (m->options->no_demangle || !name)
		return name;
	if (!name_map_find(&m->names, name, &found)) {
		char *made = demangle(name);

		name_map_add(&m->names, name, made);
		found = made;
	}
	return found ? found : name;
}

/* A symbol may carry its version: "memcpy@@GLIBC_2.14". */
static const char *without_version(struct module_symbols *m, const char *name)
{
	const char *at = strchr(name, '@');
	char *cut;

	if (!at || at == name)
		return name;
	cut = xstrndup(name, (size_t)(at - name));
	name = name_map_intern(&m->kept, cut);
	free(cut);
	return name;
}

size_t module_symbols_find(struct module_symbols *m, uint64_t address, struct symbol **frames)
{
	struct symbol *outer;
	size_t n = 0;

	*frames = NULL;
	if (m->have_units)
		n = units_find(&m->units, address, frames);
	if (!n) {
		*frames = xcalloc(1, sizeof(**frames));
		n = 1;
	}
	outer = &(*frames)[n - 1];
	if (!outer->function) {
		outer->linkage = symbol_table_find(&m->table, address);
		if (outer->linkage)
			outer->function = without_version(m, outer->linkage);
	}
	if (m->options->no_inlines && n > 1) {
		**frames = *outer;
		n = 1;
	}
	for (size_t i = 0; i < n; i++)
		(*frames)[i].function = readable(m, (*frames)[i].function);
	return n;
}
