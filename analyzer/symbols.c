// SPDX-License-Identifier: MIT
/*
 * The modules of one trace by number: which file each is, and where it was loaded.
 */
#include "symbols.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "symbol_files.h"

struct module {
	bool known;
	uint32_t file;
	uint64_t bias;
};

struct symbols {
	struct symbol_files *files;
	int64_t recorded_ns;
	struct module *module;
	size_t n_modules;
};

struct symbols *symbols_new(const struct symbols_options *options)
{
	struct symbols *s = xcalloc(1, sizeof(*s));

	s->files = symbol_files_new(options);
	return s;
}

struct symbols *symbols_share(struct symbols *other)
{
	struct symbols *s = xcalloc(1, sizeof(*s));

	s->files = symbol_files_hold(other->files);
	return s;
}

void symbols_set_recorded(struct symbols *s, uint64_t time_ns)
{
	s->recorded_ns = (int64_t)time_ns;
}

const struct symbols_options *symbols_options(const struct symbols *s)
{
	return symbol_files_options(s->files);
}

void symbols_free(struct symbols *s)
{
	if (!s)
		return;
	symbol_files_release(s->files);
	free(s->module);
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
	*m = (struct module){
		.known = true,
		.file = symbol_files_add(s->files, path, build_id, build_id_size, s->recorded_ns),
		.bias = bias,
	};
}

static const struct module *find_module(const struct symbols *s, uint32_t id)
{
	return id < s->n_modules && s->module[id].known ? &s->module[id] : NULL;
}

enum symbols_debug symbols_module_debug(struct symbols *s, uint32_t module)
{
	const struct module *m = find_module(s, module);

	return m ? symbol_files_get(s->files, m->file)->debug : SYMBOLS_UNKNOWN;
}

const char *symbols_module_advice(struct symbols *s, uint32_t module)
{
	const struct module *m = find_module(s, module);

	return m ? module_symbols_advice(symbol_files_get(s->files, m->file)) : NULL;
}

const struct symbol *symbols_find(struct symbols *s, uint32_t module, uint64_t address, size_t *n)
{
	const struct module *m = find_module(s, module);

	return m ? symbol_files_find(s->files, m->file, address - m->bias, n)
		 : symbol_files_find(s->files, SYMBOL_FILE_NONE, 0, n);
}

void symbols_find_all(struct symbols *s, const struct symbols_query *queries, size_t n)
{
	struct symbol_file_query *known = xreallocarray(NULL, n, sizeof(*known));
	size_t n_known = 0;

	for (size_t i = 0; i < n; i++) {
		const struct module *m = find_module(s, queries[i].module);

		if (m)
			known[n_known++] = (struct symbol_file_query){
				.file = m->file, .address = queries[i].address - m->bias};
	}
	symbol_files_find_all(s->files, known, n_known);
	free(known);
}

void symbols_load_all(struct symbols *s)
{
	bool *wanted = xcalloc(symbol_files_number(s->files), sizeof(*wanted));

	for (size_t i = 0; i < s->n_modules; i++)
		if (s->module[i].known)
			wanted[s->module[i].file] = true;
	symbol_files_load(s->files, wanted);
	free(wanted);
}
