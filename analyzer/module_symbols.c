// SPDX-License-Identifier: MIT
/*
 * Puts the sources of one module together: the cache, else DWARF, which gives functions, inlines and
 * lines, and the symbol table, which gives the function where DWARF has none.
 */
#include "module_symbols.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "demangle.h"
#include "die.h"
#include "module_advice.h"
#include "module_cache.h"
#include "module_files.h"

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
	m->located = xasprintf("%s%s", m->search.sysroot, path);
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
	module_files_release(m);
	guard_off();
	symbol_cache_free(m->cache);
	free(m->path);
	free(m->located);
	free(m->real_path);
	free(m->lost_alternate);
	free(m->alternate_id);
	free(m->fetched);
	free(m->fetched_alternate);
	free(m->build_id);
	free(m->damage);
	free(m->advice);
	name_map_release(&m->names);
	name_map_release(&m->kept);
	free(m);
}

void module_symbols_load(struct module_symbols *m)
{
	module_cache_open(m);
	if (m->cache && symbol_cache_is_filled(m->cache))
		m->debug = SYMBOLS_DWARF;
	else
		module_files_open(m);
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

	if (m->debug == SYMBOLS_MISMATCH || module_files_is_vdso(m) || final || m->damage)
		return m->damage ? m->damage : m->advice;
	m->have_advice = true;
	module_files_guarded(m, advise, m);
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
		module_files_need_table(m);
		outer->linkage = symbol_table_find(&m->table, q->address);
		if (outer->linkage)
			outer->function = without_version(m, outer->linkage);
	}
	for (size_t i = 0; i < q->n; i++) {
		struct symbol *frame = &q->frames[i];

		frame->function = keep(m, frame->function);
		frame->linkage = keep(m, frame->linkage);
		frame->file = keep(m, frame->file);
	}
}

/* All frames, with names as in the files. */
static size_t find_in_files(struct module_symbols *m, uint64_t address, struct symbol **frames)
{
	struct question q = {.m = m, .address = address};

	if (!m->opened)
		module_files_open(m);
	/* After at most two of them there is nothing left to read. */
	while (!module_files_guarded(m, answer, &q)) {
		if (m->have_units)
			module_files_drop_units(m);
		else
			m->table = (struct symbol_table){0};
		q = (struct question){.m = m, .address = address};
	}
	*frames = q.frames;
	return q.n;
}

static size_t find_in_cache(struct module_symbols *m, uint64_t address, struct symbol **frames)
{
	return m->cache ? symbol_cache_find(m->cache, address, !m->options->no_demangle, frames)
			: 0;
}

/* As asked for: with readable names, unless there are any already. */
static size_t finish_frames(struct module_symbols *m, struct symbol *frames, size_t n, bool named)
{
	if (m->options->no_inlines && n > 1) {
		*frames = frames[n - 1];
		n = 1;
	}
	for (size_t i = 0; i < n && !named; i++)
		frames[i].function = readable(m, frames[i].function);
	return n;
}

static size_t find_anew(struct module_symbols *m, uint64_t address, struct symbol **frames)
{
	size_t n = find_in_files(m, address, frames);

	if (m->cache)
		symbol_cache_add(m->cache, address, *frames, n);
	return finish_frames(m, *frames, n, false);
}

size_t module_symbols_find(struct module_symbols *m, uint64_t address, struct symbol **frames)
{
	size_t n = find_in_cache(m, address, frames);

	return n ? finish_frames(m, *frames, n, true) : find_anew(m, address, frames);
}

struct answers {
	struct module_symbols *m;
	struct module_answer **order;
	size_t n;
};

static void number_units(void *arg)
{
	struct answers *a = arg;

	for (size_t i = 0; i < a->n; i++)
		a->order[i]->unit = units_number(&a->m->units, a->order[i]->address);
}

static int by_unit(const void *a, const void *b)
{
	const struct module_answer *x = *(struct module_answer *const *)a;
	const struct module_answer *y = *(struct module_answer *const *)b;

	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	return (x->address > y->address) - (x->address < y->address);
}

static void find_by_unit(struct answers *a)
{
	struct module_symbols *m = a->m;

	if (!m->opened)
		module_files_open(m);
	if (m->have_units && !module_files_guarded(m, number_units, a))
		module_files_drop_units(m);
	qsort(a->order, a->n, sizeof(*a->order), by_unit);
	for (size_t i = 0; i < a->n; i++) {
		struct module_answer *answer = a->order[i];

		answer->n = (uint32_t)find_anew(m, answer->address, &answer->frames);
		if (i + 1 < a->n && a->order[i + 1]->unit != answer->unit)
			module_files_forget(m);
	}
}

void module_symbols_find_all(struct module_symbols *m, struct module_answer *answers, size_t n)
{
	struct answers rest = {.m = m, .order = xreallocarray(NULL, n, sizeof(*rest.order))};

	for (size_t i = 0; i < n; i++) {
		struct module_answer *a = &answers[i];
		size_t found = find_in_cache(m, a->address, &a->frames);

		if (found)
			a->n = (uint32_t)finish_frames(m, a->frames, found, true);
		else
			rest.order[rest.n++] = a;
	}
	if (rest.n)
		find_by_unit(&rest);
	free(rest.order);
}

uint64_t module_symbols_weight(const struct module_symbols *m)
{
	struct stat st;

	return stat(m->located, &st) == 0 ? (uint64_t)st.st_size : 0;
}
