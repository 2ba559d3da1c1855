// SPDX-License-Identifier: MIT
/*
 * Opens the files of one module: which ones its names come from, and in which order.
 */
#include "module_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "debuginfod.h"
#include "die.h"
#include "now.h"

#define UNITS_MOST (1u << 20) /* and a part of the debug information */

/* Time for all that is honest, however large: reading a file to its end takes a hundredth. */
#define LEAST_NS 3000000000u
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

/* Again when a step has opened a file and goes on to read it. */
static void set_limit(struct module_symbols *m)
{
	m->guard.limit_ns =
		LEAST_NS + NS_A_BYTE * (m->binary.size + m->separate.size + m->alternate.size);
}

bool module_files_guarded(struct module_symbols *m, void (*step)(void *), void *arg)
{
	enum guard_end end;

	set_limit(m);
	end = guard_run(&m->guard, step, arg);
	if (end == GUARD_DONE)
		return true;
	m->broken = true;
	m->debug = SYMBOLS_DAMAGED;
	if (!m->damage)
		m->damage = damage_text(m, end);
	return false;
}

void module_files_drop_units(struct module_symbols *m)
{
	m->have_units = false;
	m->units = (struct units){0};
	m->dwarf = m->alternate_dwarf = NULL;
}

bool module_files_is_vdso(const struct module_symbols *m)
{
	return !strcmp(m->path, "[vdso]") || !strncmp(m->path, "linux-vdso", 10);
}

/* Without a build-id there is only the time. A --sysroot is what the user says it is. */
static bool may_be_another(const struct module_symbols *m)
{
	struct stat st;

	if (!m->recorded_ns || *m->search.sysroot || m->binary.fd < 0 ||
	    fstat(m->binary.fd, &st) < 0)
		return false;
	return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec > m->recorded_ns;
}

/* Returns what is wrong: SYMBOLS_MISSING, SYMBOLS_MISMATCH; or SYMBOLS_NONE when nothing is. */
static enum symbols_debug open_binary(struct module_symbols *m)
{
	const uint8_t *found;

	if (module_files_is_vdso(m)) {
		if (!elf_file_open_vdso(&m->binary))
			return SYMBOLS_MISSING;
	} else if (!elf_file_open(&m->binary, m->located)) {
		return SYMBOLS_MISSING;
	}
	if (!m->build_id_size && may_be_another(m))
		m->advice = xasprintf("%s may not be the file that ran: it has been written since, "
				      "and had no build-id to tell by",
				      m->path);
	else if (!m->build_id_size ||
		 elf_file_has_build_id(&m->binary, m->build_id, m->build_id_size))
		return SYMBOLS_NONE;
	else if (elf_file_build_id(&m->binary, &found)) {
		m->advice = xasprintf("%s is not the file that ran: its build-id differs", m->path);
	} else {
		m->advice = xasprintf("%s is not the file that ran: it has no build-id", m->path);
	}
	elf_file_release(&m->binary);
	return SYMBOLS_MISMATCH;
}

static void open_separate(struct module_symbols *m)
{
	const uint8_t *id = m->build_id;
	size_t size = m->build_id_size;

	if (m->binary.elf && !size)
		size = elf_file_build_id(&m->binary, &id);
	if (debug_file_by_build_id(&m->search, id, size, &m->separate))
		return;
	if (m->binary.elf)
		debug_file_by_link(&m->search, &m->binary, m->located, &m->separate);
}

/*
 * Without this, libdw would open whatever the file names as its dwz file, and ask nobody whether it
 * is the right one.
 */
static void forbid_alternate(struct module_symbols *m)
{
	const uint8_t *id;
	const char *name = debug_file_alternate_name(m->dwarf, &id, &m->alternate_id_size);

	if (!name)
		return;
	m->lost_alternate = xstrdup(name);
	m->alternate_id = xmalloc(m->alternate_id_size);
	memcpy(m->alternate_id, id, m->alternate_id_size);
	if (elf_file_open_empty(&m->alternate))
		m->alternate_dwarf = dwarf_begin_elf(m->alternate.elf, DWARF_C_READ, NULL);
}

static Dwarf *open_dwarf(const struct elf_file *f)
{
	Dwarf *dwarf;

	elf_file_hide_unused(f);
	dwarf = dwarf_begin_elf(f->elf, DWARF_C_READ, NULL);
	elf_file_forget(f);
	return dwarf;
}

static bool open_fetched_alternate(struct module_symbols *m)
{
	return m->fetched_alternate && debug_file_open(&m->alternate, xstrdup(m->fetched_alternate),
						       m->alternate_id, m->alternate_id_size);
}

static bool open_units(struct module_symbols *m, const struct elf_file *f)
{
	if (!elf_file_has_section(f, "debug_info"))
		return false;
	m->dwarf = open_dwarf(f);
	if (!m->dwarf)
		return false;
	if (debug_file_alternate(&m->search, m->dwarf, m->real_path, &m->alternate) ||
	    open_fetched_alternate(m)) {
		set_limit(m);
		m->alternate_dwarf = open_dwarf(&m->alternate);
	} else {
		forbid_alternate(m);
	}
	if (m->alternate_dwarf)
		dwarf_setalt(m->dwarf, m->alternate_dwarf);
	if (units_init(&m->units, m->dwarf, &m->kept)) {
		m->units.path = m->real_path;
		if (elf_file_opens_again(f))
			m->units_most = UNITS_MOST + elf_file_section_size(f, "debug_info") / 8;
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

	set_limit(m);
	free(m->real_path);
	m->real_path = f->elf && f->fd >= 0 ? realpath(path, NULL) : NULL;
	free(path);
}

static void load_binary(void *arg)
{
	struct module_symbols *m = arg;
	const uint8_t *id;
	size_t size;

	m->debug = open_binary(m);
	size = m->binary.elf && !m->build_id_size ? elf_file_build_id(&m->binary, &id) : 0;
	if (size) {
		m->build_id = xmalloc(size);
		memcpy(m->build_id, id, size);
		m->build_id_size = size;
	}
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

	open_separate(m);
	if (!m->separate.elf)
		return;
	set_reading(m, &m->separate);
	m->have_units = open_units(m, &m->separate);
}

static void load_fetched_units(void *arg)
{
	struct module_symbols *m = arg;

	elf_file_release(&m->separate);
	if (!debug_file_open(&m->separate, xstrdup(m->fetched), m->build_id, m->build_id_size))
		return;
	set_reading(m, &m->separate);
	m->have_units = open_units(m, &m->separate);
}

static void load_fetched_binary(void *arg)
{
	struct module_symbols *m = arg;

	if (elf_file_open(&m->binary, m->fetched) &&
	    !elf_file_has_build_id(&m->binary, m->build_id, m->build_id_size))
		elf_file_release(&m->binary);
}

static void load_with_alternate(void *arg)
{
	struct module_symbols *m = arg;

	units_release(&m->units);
	dwarf_end(m->dwarf);
	dwarf_end(m->alternate_dwarf);
	m->dwarf = m->alternate_dwarf = NULL;
	elf_file_release(&m->alternate);
	free(m->lost_alternate);
	m->lost_alternate = NULL;
	m->have_units = open_units(m, m->separate.elf ? &m->separate : &m->binary);
}

/* Not under guard: what runs here is no business of the file, and holds locks. */
static char *fetch(struct module_symbols *m, enum debuginfod_file kind, const uint8_t *id,
		   size_t size)
{
	return debuginfod_fetch(kind, id, size, m->path, &m->fetch_problem);
}

/* What nothing on this machine has. */
static void fetch_missing(struct module_symbols *m)
{
	if (!m->have_units)
		m->fetched = fetch(m, DEBUGINFOD_DEBUGINFO, m->build_id, m->build_id_size);
	if (m->fetched && !module_files_guarded(m, load_fetched_units, m))
		module_files_drop_units(m);
	if (m->have_units && m->lost_alternate)
		m->fetched_alternate =
			fetch(m, DEBUGINFOD_DEBUGINFO, m->alternate_id, m->alternate_id_size);
	if (m->fetched_alternate && !module_files_guarded(m, load_with_alternate, m))
		module_files_drop_units(m);
	if (m->have_units || m->separate.elf || m->binary.elf)
		return;
	free(m->fetched);
	m->fetched = fetch(m, DEBUGINFOD_EXECUTABLE, m->build_id, m->build_id_size);
	if (m->fetched && !module_files_guarded(m, load_fetched_binary, m))
		m->binary = (struct elf_file){0};
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

/* The part of a table that was read before an accident is in no order: it is none. */
void module_files_need_table(struct module_symbols *m)
{
	if (m->have_table)
		return;
	m->have_table = true;
	if (!module_files_guarded(m, load_table, m))
		m->table = (struct symbol_table){0};
}

/* What cannot be read without an accident is left out, and the next best taken. */
void module_files_open(struct module_symbols *m)
{
	m->opened = true;
	m->opened_ns = (int64_t)now_ns(CLOCK_REALTIME);
	m->debug = SYMBOLS_MISSING;
	if (!module_files_guarded(m, load_binary, m))
		m->binary = (struct elf_file){0};
	if (!module_files_guarded(m, load_own_units, m))
		module_files_drop_units(m);
	if (!m->have_units && !module_files_guarded(m, load_separate_units, m))
		module_files_drop_units(m);
	if (m->options->debuginfod && !module_files_is_vdso(m))
		fetch_missing(m);
	if (!m->have_units)
		module_files_need_table(m);
	if (m->have_units)
		m->debug = SYMBOLS_DWARF;
	else if (m->table.n)
		m->debug = SYMBOLS_SYMTAB;
	if (m->broken)
		m->debug = SYMBOLS_DAMAGED;
}

/*
 * libdw keeps all that it has ever read. Only to end it gives memory back. What was handed out are
 * copies; where they were made of may be something else now.
 */
static void start_again(void *arg)
{
	struct module_symbols *m = arg;

	if (!units_forget(&m->units)) {
		m->units_most = 0;
		return;
	}
	memset(m->last, 0, sizeof(m->last));
	dwarf_end(m->dwarf);
	m->dwarf = open_dwarf(m->separate.elf ? &m->separate : &m->binary);
	if (m->dwarf && m->alternate_dwarf)
		dwarf_setalt(m->dwarf, m->alternate_dwarf);
	units_go_on(&m->units, m->dwarf);
}

void module_files_forget(struct module_symbols *m)
{
	if (!m->have_units || !m->units_most || units_bytes(&m->units) <= m->units_most)
		return;
	if (!module_files_guarded(m, start_again, m))
		module_files_drop_units(m);
}

/* What a fault has left behind is not touched again, and so lost. */
void module_files_release(struct module_symbols *m)
{
	if (m->broken)
		return;
	units_release(&m->units);
	symbol_table_release(&m->table);
	dwarf_end(m->dwarf);
	dwarf_end(m->alternate_dwarf);
	m->dwarf = m->alternate_dwarf = NULL;
	elf_file_release(&m->binary);
	elf_file_release(&m->separate);
	elf_file_release(&m->alternate);
	elf_file_release(&m->packed);
}
