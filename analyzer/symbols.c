// SPDX-License-Identifier: MIT
/*
 * Puts the sources together: which files a module's names come from, in which order, and what to
 * tell the user when there are none.  DWARF gives functions, inlines and lines; the symbol table
 * gives the function where DWARF has none.
 */
#include "symbols.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug_file.h"
#include "demangle.h"
#include "die.h"
#include "elf_file.h"
#include "name_map.h"
#include "package.h"
#include "symbol_table.h"
#include "units.h"

struct module {
	bool known, loaded, have_units, have_advice;
	char *path;
	uint8_t *build_id;
	size_t build_id_size;
	uint64_t bias;
	enum symbols_debug debug;
	char *advice;
	/* The program, its separate debug file, what dwz took out of that, .gnu_debugdata. */
	struct elf_file binary, separate, alternate, packed;
	Dwarf *dwarf, *alternate_dwarf;
	struct units units;
	struct symbol_table table;
};

/* What has been asked before. */
struct answer {
	uint64_t address;
	struct symbol *frames; /* NULL in a free slot */
	uint32_t module;
	uint32_t n;
};

struct symbols {
	struct symbols_options options;
	struct debug_search search;
	struct module *module;
	size_t n_modules;
	struct answer *answer;
	size_t n_answers, answers_cap;
	struct name_map names; /* linkage name -> demangled, or NULL when it is not mangled */
	struct name_map kept;  /* joined paths and qualified names */
};

struct symbols *symbols_new(const struct symbols_options *options)
{
	struct symbols *s = xcalloc(1, sizeof(*s));

	s->options = *options;
	s->search = (struct debug_search){
		.dirs = options->debug_dirs,
		.n_dirs = options->n_debug_dirs,
		.sysroot = options->sysroot ? options->sysroot : "",
	};
	return s;
}

static void release_module(struct module *m)
{
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
}

void symbols_free(struct symbols *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_modules; i++)
		release_module(&s->module[i]);
	for (size_t i = 0; i < s->answers_cap; i++)
		free(s->answer[i].frames);
	name_map_release(&s->names);
	name_map_release(&s->kept);
	free(s->module);
	free(s->answer);
	free(s);
}

void symbols_add_module(struct symbols *s, uint32_t id, const char *path, const uint8_t *build_id,
			size_t build_id_size, uint64_t bias)
{
	struct module *m;

	if (id >= s->n_modules) {
		size_t n = (size_t)id + 1 + id / 2;

		s->module = xreallocarray(s->module, n, sizeof(*s->module));
		memset(s->module + s->n_modules, 0, (n - s->n_modules) * sizeof(*s->module));
		s->n_modules = n;
	}
	m = &s->module[id];
	if (m->known)
		return;
	m->known = true;
	m->path = xstrdup(path);
	m->bias = bias;
	if (build_id_size) {
		m->build_id = xmalloc(build_id_size);
		memcpy(m->build_id, build_id, build_id_size);
		m->build_id_size = build_id_size;
	}
}

/* Returns what is wrong: SYMBOLS_MISSING, SYMBOLS_MISMATCH; or SYMBOLS_NONE when nothing is. */
static enum symbols_debug open_binary(struct module *m, const char *path)
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

static void open_separate(const struct debug_search *search, struct module *m, const char *path)
{
	const uint8_t *id = m->build_id;
	size_t size = m->build_id_size;

	if (m->binary.elf && !size)
		size = elf_file_build_id(&m->binary, &id);
	if (debug_file_by_build_id(search, id, size, &m->separate))
		return;
	if (m->binary.elf)
		debug_file_by_link(search, &m->binary, path, &m->separate);
}

/* The path libdw sees, for what is named relative to it. */
static char *path_of(const struct elf_file *f)
{
	return xasprintf("/proc/self/fd/%d", f->fd);
}

static bool open_units(struct symbols *s, struct module *m, const struct elf_file *f)
{
	char *path;

	if (!elf_file_has_section(f, "debug_info"))
		return false;
	m->dwarf = dwarf_begin_elf(f->elf, DWARF_C_READ, NULL);
	if (!m->dwarf)
		return false;
	path = path_of(f);
	if (debug_file_alternate(&s->search, m->dwarf, path, &m->alternate)) {
		m->alternate_dwarf = dwarf_begin_elf(m->alternate.elf, DWARF_C_READ, NULL);
		if (m->alternate_dwarf)
			dwarf_setalt(m->dwarf, m->alternate_dwarf);
	}
	free(path);
	if (units_init(&m->units, m->dwarf, &s->kept))
		return true;
	units_release(&m->units);
	dwarf_end(m->dwarf);
	m->dwarf = NULL;
	return false;
}

static void read_tables(struct module *m)
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

static void load(struct symbols *s, struct module *m)
{
	char *path = xasprintf("%s%s", s->search.sysroot, m->path);
	enum symbols_debug wrong = open_binary(m, path);

	m->loaded = true;
	m->have_units = m->binary.elf && open_units(s, m, &m->binary);
	if (!m->have_units) {
		open_separate(&s->search, m, path);
		m->have_units = m->separate.elf && open_units(s, m, &m->separate);
	}
	free(path);
	read_tables(m);
	if (m->have_units)
		m->debug = SYMBOLS_DWARF;
	else
		m->debug = m->table.n ? SYMBOLS_SYMTAB : wrong;
}

static struct module *get_module(struct symbols *s, uint32_t id)
{
	struct module *m = id < s->n_modules ? &s->module[id] : NULL;

	if (!m || !m->known)
		return NULL;
	if (!m->loaded)
		load(s, m);
	return m;
}

enum symbols_debug symbols_module_debug(struct symbols *s, uint32_t module)
{
	struct module *m = get_module(s, module);

	return m ? m->debug : SYMBOLS_UNKNOWN;
}

/* Says where debug information was looked for, and what would put it there. */
static char *missing_advice(struct symbols *s, struct module *m)
{
	const uint8_t *id = m->build_id;
	size_t size = m->build_id_size;
	char *looked, *package, *text;

	if (m->binary.elf && !size)
		size = elf_file_build_id(&m->binary, &id);
	looked = debug_file_build_id_path(DEBUG_FILE_DIR, id, size);
	package = package_of_debug(s->search.sysroot, m->path);
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

const char *symbols_module_advice(struct symbols *s, uint32_t module)
{
	struct module *m = get_module(s, module);

	if (!m)
		return NULL;
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
		m->advice = missing_advice(s, m);
	else if (m->debug == SYMBOLS_MISSING)
		m->advice = xasprintf("cannot read %s", *m->path ? m->path : "a file without name");
	return m->advice;
}

/* The readable form of a name from the symbol table or of DW_AT_linkage_name. */
static const char *readable(struct symbols *s, const char *name)
{
	const char *found;

	if (s->options.no_demangle || !name)
		return name;
	if (!name_map_find(&s->names, name, &found)) {
		char *made = demangle(name);

		name_map_add(&s->names, name, made);
		found = made;
	}
	return found ? found : name;
}

/* A symbol may carry its version: "memcpy@@GLIBC_2.14". */
static const char *without_version(struct symbols *s, const char *name)
{
	const char *at = strchr(name, '@');
	char *cut;

	if (!at || at == name)
		return name;
	cut = xstrndup(name, (size_t)(at - name));
	name = name_map_intern(&s->kept, cut);
	free(cut);
	return name;
}

static size_t look_up(struct symbols *s, struct module *m, uint64_t address, struct symbol **frames)
{
	struct symbol *outer;
	size_t n = 0;

	*frames = NULL;
	if (m && m->have_units)
		n = units_find(&m->units, address - m->bias, frames);
	if (!n) {
		*frames = xcalloc(1, sizeof(**frames));
		n = 1;
	}
	outer = &(*frames)[n - 1];
	if (m && !outer->function) {
		outer->linkage = symbol_table_find(&m->table, address - m->bias);
		if (outer->linkage)
			outer->function = without_version(s, outer->linkage);
	}
	if (s->options.no_inlines && n > 1) {
		**frames = *outer;
		n = 1;
	}
	for (size_t i = 0; i < n; i++)
		(*frames)[i].function = readable(s, (*frames)[i].function);
	return n;
}

static struct answer *answer_slot(const struct symbols *s, uint32_t module, uint64_t address)
{
	uint64_t hash = (address ^ (uint64_t)module << 48) * 0x9e3779b97f4a7c15u;
	size_t i = (hash ^ hash >> 29) & (s->answers_cap - 1);

	while (s->answer[i].frames &&
	       (s->answer[i].address != address || s->answer[i].module != module))
		i = (i + 1) & (s->answers_cap - 1);
	return &s->answer[i];
}

static void grow_answers(struct symbols *s)
{
	struct symbols old = *s;

	s->answers_cap = old.answers_cap ? 2 * old.answers_cap : 1024;
	s->answer = xcalloc(s->answers_cap, sizeof(*s->answer));
	for (size_t i = 0; i < old.answers_cap; i++)
		if (old.answer[i].frames)
			*answer_slot(s, old.answer[i].module, old.answer[i].address) =
				old.answer[i];
	free(old.answer);
}

const struct symbol *symbols_find(struct symbols *s, uint32_t module, uint64_t address, size_t *n)
{
	struct answer *a;

	if (2 * (s->n_answers + 1) > s->answers_cap)
		grow_answers(s);
	a = answer_slot(s, module, address);
	if (!a->frames) {
		a->address = address;
		a->module = module;
		a->n = (uint32_t)look_up(s, get_module(s, module), address, &a->frames);
		s->n_answers++;
	}
	*n = a->n;
	return a->frames;
}
