// SPDX-License-Identifier: MIT
/*
 * Puts the sources of one module together: which files its names come from, and in which order.
 * DWARF gives functions, inlines and lines; the symbol table gives the function where DWARF has
 * none.  All that reads files runs under guard.
 */
#include "module_symbols.h"

#include <stdlib.h>
#include <string.h>

#include "demangle.h"
#include "die.h"
#include "module_advice.h"

struct module_symbols *module_symbols_new(const struct symbols_options *options, const char *path,
					  const uint8_t *build_id, size_t build_id_size)
{
	struct module_symbols *m = xcalloc(1, sizeof(*m));

	guard_on();
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

/* What a fault has left behind is not touched again, and so lost. */
static void release_files(struct module_symbols *m)
{
	if (m->broken)
		return;
	units_release(&m->units);
	symbol_table_release(&m->table);
	dwarf_end(m->dwarf);
	dwarf_end(m->alternate_dwarf);
	elf_file_release(&m->binary);
	elf_file_release(&m->separate);
	elf_file_release(&m->alternate);
	elf_file_release(&m->packed);
}

void module_symbols_free(struct module_symbols *m)
{
	if (!m)
		return;
	release_files(m);
	guard_off();
	free(m->path);
	free(m->real_path);
	free(m->lost_alternate);
	free(m->build_id);
	free(m->damage);
	free(m->advice);
	name_map_release(&m->names);
	name_map_release(&m->kept);
	free(m);
}

/* Time for all that is honest, however large: reading a file to its end takes a hundredth. */
#define LEAST_NS 10000000000u
#define NS_A_BYTE 2000u

static char *damage_text(const struct module_symbols *m, enum guard_end end)
{
	const char *path = m->real_path ? m->real_path : m->path;

	switch (end) {
	case GUARD_SHORT:
		return xasprintf("%s was cut short while it was read", path);
	case GUARD_TIME:
		return xasprintf("%s is damaged: reading it comes to no end", path);
	default:
		return xasprintf("%s is damaged: reading it fails", path);
	}
}

/* Runs STEP, which reads files, under guard. False when that ended it; then what it made is lost. */
static bool guarded(struct module_symbols *m, void (*step)(void *), void *arg)
{
	enum guard_end end;

	m->guard.limit_ns =
		LEAST_NS + NS_A_BYTE * (m->binary.size + m->separate.size + m->alternate.size);
	end = guard_run(&m->guard, step, arg);
	if (end == GUARD_DONE)
		return true;
	m->broken = true;
	if (!m->damage)
		m->damage = damage_text(m, end);
	return false;
}

static void drop_units(struct module_symbols *m)
{
	m->have_units = false;
	m->units = (struct units){0};
	m->dwarf = m->alternate_dwarf = NULL;
}

static bool is_vdso(const struct module_symbols *m)
{
	return !strcmp(m->path, "[vdso]") || !strncmp(m->path, "linux-vdso", 10);
}

/* Returns what is wrong: SYMBOLS_MISSING, SYMBOLS_MISMATCH; or SYMBOLS_NONE when nothing is. */
static enum symbols_debug open_binary(struct module_symbols *m, const char *path)
{
	const uint8_t *found;

	if (is_vdso(m)) {
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

/*
 * Without this, libdw would open whatever the file names as its dwz file, and ask nobody whether it
 * is the right one.
 */
static void forbid_alternate(struct module_symbols *m)
{
	const char *name = debug_file_alternate_name(m->dwarf);

	if (!name)
		return;
	m->lost_alternate = xstrdup(name);
	if (elf_file_open_empty(&m->alternate))
		m->alternate_dwarf = dwarf_begin_elf(m->alternate.elf, DWARF_C_READ, NULL);
}

static bool open_units(struct module_symbols *m, const struct elf_file *f)
{
	if (!elf_file_has_section(f, "debug_info"))
		return false;
	m->dwarf = dwarf_begin_elf(f->elf, DWARF_C_READ, NULL);
	if (!m->dwarf)
		return false;
	if (debug_file_alternate(&m->search, m->dwarf, m->real_path, &m->alternate))
		m->alternate_dwarf = dwarf_begin_elf(m->alternate.elf, DWARF_C_READ, NULL);
	else
		forbid_alternate(m);
	if (m->alternate_dwarf)
		dwarf_setalt(m->dwarf, m->alternate_dwarf);
	if (units_init(&m->units, m->dwarf, &m->kept)) {
		m->units.path = m->real_path;
		return true;
	}
	units_release(&m->units);
	dwarf_end(m->dwarf);
	dwarf_end(m->alternate_dwarf);
	elf_file_release(&m->alternate);
	m->dwarf = m->alternate_dwarf = NULL;
	return false;
}

/* What is named relative to a file starts at the file itself, not at a link to it. */
static void set_reading(struct module_symbols *m, const struct elf_file *f)
{
	char *path = xasprintf("/proc/self/fd/%d", f->fd);

	free(m->real_path);
	m->real_path = f->elf && f->fd >= 0 ? realpath(path, NULL) : NULL;
	free(path);
}

static void load_binary(void *arg)
{
	struct module_symbols *m = arg;
	char *path = xasprintf("%s%s", m->search.sysroot, m->path);

	m->debug = open_binary(m, path);
	free(path);
}

static void load_own_units(void *arg)
{
	struct module_symbols *m = arg;

	set_reading(m, &m->binary);
	m->have_units = m->binary.elf && open_units(m, &m->binary);
}

static void load_separate_units(void *arg)
{
	struct module_symbols *m = arg;
	char *path = xasprintf("%s%s", m->search.sysroot, m->path);

	open_separate(m, path);
	free(path);
	if (!m->separate.elf)
		return;
	set_reading(m, &m->separate);
	m->have_units = open_units(m, &m->separate);
}

static void load_table(void *arg)
{
	struct module_symbols *m = arg;

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

/* What cannot be read without an accident is left out, and the next best taken. */
void module_symbols_load(struct module_symbols *m)
{
	m->debug = SYMBOLS_MISSING;
	if (!guarded(m, load_binary, m))
		m->binary = (struct elf_file){0};
	if (!guarded(m, load_own_units, m))
		drop_units(m);
	if (!m->have_units && !guarded(m, load_separate_units, m))
		drop_units(m);
	if (!guarded(m, load_table, m))
		m->table = (struct symbol_table){0};
	if (m->have_units)
		m->debug = SYMBOLS_DWARF;
	else if (m->table.n)
		m->debug = SYMBOLS_SYMTAB;
	if (m->broken)
		m->debug = SYMBOLS_DAMAGED;
}

static void advise(void *arg)
{
	struct module_symbols *m = arg;
	char *advice = module_advice(m);

	free(m->advice);
	m->advice = advice;
}

const char *module_symbols_advice(struct module_symbols *m)
{
	bool final = m->have_advice && m->debug != SYMBOLS_DWARF;

	if (m->debug == SYMBOLS_MISMATCH || is_vdso(m) || final || m->damage)
		return m->damage ? m->damage : m->advice;
	m->have_advice = true;
	if (!guarded(m, advise, m))
		m->debug = SYMBOLS_DAMAGED;
	return m->damage ? m->damage : m->advice;
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

/*
 * What libdw and libelf hand out lies in mapped files, which may be cut short at any time: outside
 * the guard there are only copies. Most names come again and again from one place.
 */
static const char *keep(struct module_symbols *m, const char *text)
{
	struct kept_text *last;

	if (!text)
		return NULL;
	last = &m->last[((uintptr_t)text * 0x9e3779b97f4a7c15u) >> (64 - KEPT_BITS)];
	if (last->from != text)
		*last = (struct kept_text){text, name_map_intern(&m->kept, text)};
	return last->to;
}

struct question {
	struct module_symbols *m;
	uint64_t address;
	struct symbol *frames;
	size_t n;
};

static void answer(void *arg)
{
	struct question *q = arg;
	struct module_symbols *m = q->m;
	struct symbol *outer;

	if (m->have_units)
		q->n = units_find(&m->units, q->address, &q->frames);
	if (!q->n) {
		q->frames = xcalloc(1, sizeof(*q->frames));
		q->n = 1;
	}
	outer = &q->frames[q->n - 1];
	if (!outer->function) {
		outer->linkage = symbol_table_find(&m->table, q->address);
		if (outer->linkage)
			outer->function = without_version(m, outer->linkage);
	}
	if (m->options->no_inlines && q->n > 1) {
		*q->frames = *outer;
		q->n = 1;
	}
	for (size_t i = 0; i < q->n; i++) {
		struct symbol *frame = &q->frames[i];

		frame->function = keep(m, readable(m, frame->function));
		frame->linkage = keep(m, frame->linkage);
		frame->file = keep(m, frame->file);
	}
}

size_t module_symbols_find(struct module_symbols *m, uint64_t address, struct symbol **frames)
{
	struct question q = {.m = m, .address = address};

	/* After at most two of them there is nothing left to read. */
	while (!guarded(m, answer, &q)) {
		if (m->have_units)
			drop_units(m);
		else
			m->table = (struct symbol_table){0};
		m->debug = SYMBOLS_DAMAGED;
		q = (struct question){.m = m, .address = address};
	}
	*frames = q.frames;
	return q.n;
}
