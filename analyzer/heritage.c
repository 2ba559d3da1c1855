// SPDX-License-Identifier: MIT
/*
 * A module is the same where path, build-id and place are. Threads are told apart by process: two of
 * them may have the same number and name.
 */
#include "heritage.h"

#include <stdlib.h>
#include <string.h>

#include "ancestors.h"
#include "common/hash.h"
#include "die.h"
#include "records.h"

/* Of a trace; more of them are all taken for the last one. 64 traces of them fit 32 bits. */
#define GENERATIONS_MOST (1u << 25)

#define INHERITED_ID (UINT64_C(1) << 32) /* recorders count modules from 0 */

static uint64_t module_hash(const struct trace_module *module)
{
	return hash_mix(module->bias ^ hash_checksum(module->path, strlen(module->path)));
}

static uint64_t module_hash_of(const void *arg, uint32_t id)
{
	return module_hash(&((const struct trace_private *)arg)->modules[id]);
}

/* The number of MODULE in the list of TRACE, to which it is added where it is not there. */
static uint32_t number_of(struct trace *trace, struct intern *set,
			  const struct trace_module *module)
{
	struct trace_private *inner = trace->inner;
	size_t slot = intern_start(set, module_hash(module));
	uint32_t id;

	for (; (id = set->slots[slot]) != INTERN_NONE; slot = intern_next(set, slot))
		if (inner->modules[id].bias == module->bias &&
		    trace_module_same(&inner->modules[id], module))
			return id;
	id = (uint32_t)trace->n_modules;
	struct trace_module *added = records_add_module(trace, INHERITED_ID + id);

	*added = *module;
	added->id = id;
	added->main_program = false;
	intern_add(set, slot, id, module_hash_of, inner);
	return id;
}

static void number_modules(struct trace *trace, struct intern *set, struct ancestor *ancestor)
{
	const struct trace *of = ancestor->trace;

	ancestor->numbers = xreallocarray(NULL, of->n_modules, sizeof *ancestor->numbers);
	for (size_t i = 0; i < of->n_modules; i++)
		ancestor->numbers[i] = number_of(trace, set, &of->modules[i]);
}

static void index_own(struct trace *trace, struct ancestor *ancestor)
{
	ancestor->own = xreallocarray(NULL, trace->n_modules, sizeof *ancestor->own);
	memset(ancestor->own, 0xff, trace->n_modules * sizeof *ancestor->own);
	for (size_t i = 0; i < ancestor->trace->n_modules; i++)
		ancestor->own[ancestor->numbers[i]] = (uint32_t)i;
}

/* How many generations differ in what is loaded, the first not counted. */
static uint32_t count_generations(const struct trace *trace, size_t n_modules)
{
	uint64_t most = 0;

	for (size_t i = 0; i < n_modules; i++) {
		const struct trace_module *module = &trace->modules[i];

		if (module->from > most)
			most = module->from;
		if (module->until != UINT64_MAX && module->until > most)
			most = module->until;
	}
	return most < GENERATIONS_MOST ? (uint32_t)most : GENERATIONS_MOST;
}

static struct module_map_part part_of(struct trace *trace, size_t n_modules, uint32_t *next)
{
	uint32_t count = count_generations(trace, n_modules);
	struct module_map_part part = {
		.modules = trace->modules,
		.n = n_modules,
		.first = *next,
		.count = count,
	};

	trace->inner->origin.generation = *next;
	trace->inner->origin.generations = count;
	*next += count + 1;
	return part;
}

static void make_map(struct trace *trace)
{
	struct trace_private *inner = trace->inner;
	struct module_map_part parts[ANCESTORS_MOST + 1];
	uint32_t next = 0;

	parts[0] = part_of(trace, inner->n_own_modules, &next);
	for (size_t i = 0; i < inner->n_ancestors; i++) {
		struct trace *of = inner->ancestors[i].trace;

		parts[i + 1] = part_of(of, of->n_modules, &next);
		parts[i + 1].numbers = inner->ancestors[i].numbers;
		of->inner->stacks_of_all = &inner->stacks;
	}
	module_map_release(&inner->map);
	module_map_init_parts(&inner->map, parts, inner->n_ancestors + 1);
}

void heritage_modules(struct trace *trace)
{
	struct trace_private *inner = trace->inner;
	struct intern set;

	intern_init(&set);
	inner->n_own_modules = trace->n_modules;
	for (uint32_t id = 0; id < trace->n_modules; id++) {
		size_t slot = intern_start(&set, module_hash(&inner->modules[id]));

		while (set.slots[slot] != INTERN_NONE)
			slot = intern_next(&set, slot);
		intern_add(&set, slot, id, module_hash_of, inner);
	}
	for (size_t i = 0; i < inner->n_ancestors; i++)
		number_modules(trace, &set, &inner->ancestors[i]);
	for (size_t i = 0; i < inner->n_ancestors; i++)
		index_own(trace, &inner->ancestors[i]);
	intern_release(&set);
	make_map(trace);
}

/* "worker, tid 4713 of pid 4711"; the first thread of a process has no number of its own */
static const char *thread_words(struct trace *trace, const struct trace *of,
				const struct trace_thread *thread)
{
	char *tid = thread->tid && thread->tid != of->process.pid
			    ? xasprintf("tid %u of ", thread->tid)
			    : xstrdup("");
	char *words = xasprintf("%s%s%spid %llu", thread->name, *thread->name ? ", " : "", tid,
				(unsigned long long)of->process.pid);
	const char *kept = arena_text(&trace->inner->arena, words, strlen(words));

	free(tid);
	free(words);
	return kept;
}

static uint32_t last_number(const struct trace *trace)
{
	return trace->n_threads ? trace->threads[trace->n_threads - 1].number : 0;
}

void heritage_threads(struct trace *trace)
{
	struct trace_private *inner = trace->inner;
	uint32_t next = last_number(trace);
	struct trace_thread *threads;
	size_t n = 0;

	for (size_t i = 0; i < inner->n_ancestors; i++)
		n += inner->ancestors[i].trace->n_threads;
	threads = arena_get(&inner->arena, n * sizeof *threads);
	trace->inherited.threads = threads;
	trace->inherited.n_threads = n;
	for (size_t i = 0; i < inner->n_ancestors; i++) {
		struct trace *of = inner->ancestors[i].trace;

		of->inner->origin.thread = next;
		for (size_t j = 0; j < of->n_threads; j++) {
			*threads = of->threads[j];
			threads->number += next;
			threads->name = thread_words(trace, of, threads);
			threads++;
		}
		next += last_number(of);
	}
}

void heritage_domains(struct trace *trace)
{
	struct trace_private *inner = trace->inner;
	struct trace_domain *all;
	size_t n = inner->n_domains, at = 0;

	for (size_t i = 0; i < inner->n_ancestors; i++)
		n += inner->ancestors[i].trace->inner->n_domains;
	all = xreallocarray(NULL, n, sizeof *all);
	for (size_t i = inner->n_ancestors; i-- > 0;) {
		const struct trace_private *of = inner->ancestors[i].trace->inner;

		for (size_t j = 0; j < of->n_domains; j++)
			all[at++] = of->domains[j];
	}
	inner->n_inherited_domains = at;
	for (size_t j = 0; j < inner->n_domains; j++)
		all[at++] = inner->domains[j];
	free(inner->domains);
	inner->domains = all;
	inner->n_domains = inner->cap_domains = n;
}
