// SPDX-License-Identifier: MIT
/*
 * The modules by number, each loaded when it is first asked for, and what they have answered.
 */
#include "symbols.h"

#include <stdlib.h>
#include <string.h>

#include "cache_folder.h"
#include "die.h"
#include "module_cache.h"
#include "module_symbols.h"

struct module {
	struct module_symbols *symbols; /* NULL: not known */
	bool loaded;
	uint64_t bias;
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
	struct module *module;
	size_t n_modules;
	struct answer *answer;
	size_t n_answers, answers_cap;
};

struct symbols *symbols_new(const struct symbols_options *options)
{
	struct symbols *s = xcalloc(1, sizeof(*s));

	s->options = *options;
	return s;
}

const struct symbols_options *symbols_options(const struct symbols *s)
{
	return &s->options;
}

void symbols_free(struct symbols *s)
{
	bool cached = false;

	if (!s)
		return;
	for (size_t i = 0; i < s->n_modules; i++) {
		struct module *m = &s->module[i];

		cached = (m->loaded && module_cache_save(m->symbols)) || cached;
		module_symbols_free(m->symbols);
	}
	if (cached)
		cache_folder_trim(CACHE_FOLDER_MOST);
	for (size_t i = 0; i < s->answers_cap; i++)
		free(s->answer[i].frames);
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
	if (m->symbols)
		return;
	m->bias = bias;
	m->symbols = module_symbols_new(&s->options, path, build_id, build_id_size);
}

static struct module *get_module(struct symbols *s, uint32_t id)
{
	struct module *m = id < s->n_modules ? &s->module[id] : NULL;

	if (!m || !m->symbols)
		return NULL;
	if (!m->loaded) {
		m->loaded = true;
		module_symbols_load(m->symbols);
	}
	return m;
}

enum symbols_debug symbols_module_debug(struct symbols *s, uint32_t module)
{
	struct module *m = get_module(s, module);

	return m ? m->symbols->debug : SYMBOLS_UNKNOWN;
}

const char *symbols_module_advice(struct symbols *s, uint32_t module)
{
	struct module *m = get_module(s, module);

	return m ? module_symbols_advice(m->symbols) : NULL;
}

static size_t look_up(struct symbols *s, uint32_t module, uint64_t address, struct symbol **frames)
{
	struct module *m = get_module(s, module);

	if (m)
		return module_symbols_find(m->symbols, address - m->bias, frames);
	*frames = xcalloc(1, sizeof(**frames));
	return 1;
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
		a->n = (uint32_t)look_up(s, module, address, &a->frames);
		s->n_answers++;
	}
	*n = a->n;
	return a->frames;
}
