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
#include "module_jobs.h"

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

void symbols_set_recorded(struct symbols *s, uint64_t time_ns)
{
	s->options.recorded_ns = (int64_t)time_ns;
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

/* Makes room for N more. */
static void room_for_answers(struct symbols *s, size_t n)
{
	struct symbols old = *s;

	if (2 * (s->n_answers + n) <= s->answers_cap)
		return;
	for (s->answers_cap = 1024; s->answers_cap < 2 * (s->n_answers + n);)
		s->answers_cap *= 2;
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

	room_for_answers(s, 1);
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

static int by_module(const void *a, const void *b)
{
	const struct symbols_query *x = a, *y = b;

	if (x->module != y->module)
		return x->module < y->module ? -1 : 1;
	return (x->address > y->address) - (x->address < y->address);
}

/* Those that have not been answered, of modules that are known, in order and each once. */
static struct symbols_query *new_queries(struct symbols *s, const struct symbols_query *queries,
					 size_t *n)
{
	struct symbols_query *new = xreallocarray(NULL, *n, sizeof(*new));
	size_t n_new = 0, kept = 0;

	for (size_t i = 0; i < *n; i++) {
		const struct symbols_query *q = &queries[i];

		if (q->module < s->n_modules && s->module[q->module].symbols &&
		    !(s->n_answers && answer_slot(s, q->module, q->address)->frames))
			new[n_new++] = *q;
	}
	qsort(new, n_new, sizeof(*new), by_module);
	for (size_t i = 0; i < n_new; i++)
		if (!kept || by_module(&new[kept - 1], &new[i]) != 0)
			new[kept++] = new[i];
	*n = kept;
	return new;
}

static struct module_job start_job(struct symbols *s, uint32_t id, struct module_answer *answers)
{
	struct module *m = &s->module[id];
	struct module_job job = {.symbols = m->symbols, .load = !m->loaded, .answer = answers};

	m->loaded = true;
	return job;
}

void symbols_find_all(struct symbols *s, const struct symbols_query *queries, size_t n)
{
	struct symbols_query *new = new_queries(s, queries, &n);
	struct module_answer *answers = xcalloc(n, sizeof(*answers));
	struct module_job *jobs = xcalloc(s->n_modules, sizeof(*jobs));
	size_t n_jobs = 0;

	for (size_t i = 0; i < n; i++) {
		if (!i || new[i].module != new[i - 1].module)
			jobs[n_jobs++] = start_job(s, new[i].module, &answers[i]);
		jobs[n_jobs - 1].n++;
		answers[i].address = new[i].address - s->module[new[i].module].bias;
	}
	module_jobs_run(jobs, n_jobs);
	room_for_answers(s, n);
	for (size_t i = 0; i < n; i++)
		*answer_slot(s, new[i].module, new[i].address) = (struct answer){
			.address = new[i].address,
			.frames = answers[i].frames,
			.module = new[i].module,
			.n = answers[i].n,
		};
	s->n_answers += n;
	free(jobs);
	free(answers);
	free(new);
}

void symbols_load_all(struct symbols *s)
{
	struct module_job *jobs = xcalloc(s->n_modules, sizeof(*jobs));
	size_t n = 0;

	for (uint32_t i = 0; i < s->n_modules; i++)
		if (s->module[i].symbols && !s->module[i].loaded)
			jobs[n++] = start_job(s, i, NULL);
	module_jobs_run(jobs, n);
	free(jobs);
}
