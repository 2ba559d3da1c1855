// SPDX-License-Identifier: MIT
/*
 * Many addresses asked for at once, on threads: the modules of this very process, whatever of them
 * has debug information here.
 */
#include "tests/test.h"

#include <elf.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/die.h"
#include "analyzer/module_symbols.h"
#include "analyzer/symbols.h"

#define MODULES_MAX 16
#define EACH 400

struct loaded {
	char *path;
	uint64_t bias, code, code_size;
};

static struct loaded modules[MODULES_MAX];
static size_t n_modules;

static int add_module(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct loaded *m = &modules[n_modules];

	(void)size;
	(void)arg;
	if (n_modules == MODULES_MAX || (n_modules && info->dlpi_name[0] != '/'))
		return 0;
	*m = (struct loaded){.bias = info->dlpi_addr};
	m->path = n_modules ? xstrdup(info->dlpi_name) : realpath("/proc/self/exe", NULL);
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
			m->code = info->dlpi_phdr[i].p_vaddr;
			m->code_size = info->dlpi_phdr[i].p_memsz;
		}
	n_modules++;
	return 0;
}

static void find_modules(void)
{
	n_modules = 0;
	dl_iterate_phdr(add_module, NULL);
}

static void release_modules(void)
{
	for (size_t i = 0; i < n_modules; i++)
		free(modules[i].path);
}

static struct symbols *open_modules(void)
{
	struct symbols *s = symbols_new(&(struct symbols_options){0});

	for (uint32_t i = 0; i < n_modules; i++)
		symbols_add_module(s, i, modules[i].path, NULL, 0, modules[i].bias);
	return s;
}

/* In no order, some of them twice. */
static size_t make_queries(struct symbols_query *queries)
{
	size_t n = 0;

	srand(1);
	for (size_t i = 0; i < EACH * n_modules; i++) {
		uint32_t id = (uint32_t)rand() % (uint32_t)n_modules;
		const struct loaded *m = &modules[id];
		uint64_t address = m->bias + m->code + (uint64_t)rand() % m->code_size;

		queries[n++] = (struct symbols_query){id, address};
		if (i % 10 == 0) {
			queries[n] = queries[rand() % (int)n];
			n++;
		}
	}
	return n;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_frames(const struct symbol *a, size_t n_a, const struct symbol *b, size_t n_b)
{
	if (n_a != n_b)
		return false;
	for (size_t i = 0; i < n_a; i++)
		if (!same_text(a[i].function, b[i].function) ||
		    !same_text(a[i].linkage, b[i].linkage) || !same_text(a[i].file, b[i].file) ||
		    a[i].line != b[i].line || a[i].inlined != b[i].inlined)
			return false;
	return true;
}

static size_t differences(struct symbols *a, struct symbols *b, const struct symbols_query *queries,
			  size_t n)
{
	size_t different = 0;

	for (size_t i = 0; i < n; i++) {
		size_t n_a, n_b;
		const struct symbol *x =
			symbols_find(a, queries[i].module, queries[i].address, &n_a);
		const struct symbol *y =
			symbols_find(b, queries[i].module, queries[i].address, &n_b);

		different += !same_frames(x, n_a, y, n_b);
	}
	return different;
}

TEST(all_are_told_what_each_is_told_alone)
{
	struct symbols_query *queries = xcalloc(2 * EACH * MODULES_MAX, sizeof *queries);
	struct symbols *together, *alone;
	size_t n;

	find_modules();
	together = open_modules();
	alone = open_modules();
	n = make_queries(queries);
	/* What is asked for again, and what is asked for in between, is remembered all the same. */
	symbols_find_all(together, queries, n / 3);
	symbols_find(together, queries[n / 2].module, queries[n / 2].address, &(size_t){0});
	symbols_find_all(together, queries + n / 4, n - n / 4);
	CHECK_EQ(differences(together, alone, queries, n), 0);
	symbols_free(together);
	symbols_free(alone);
	release_modules();
	free(queries);
}

TEST(all_modules_are_loaded_at_once)
{
	struct symbols *together, *alone;

	find_modules();
	CHECK(n_modules > 2);
	together = open_modules();
	alone = open_modules();
	symbols_load_all(together);
	symbols_load_all(together);
	for (uint32_t i = 0; i < n_modules; i++)
		CHECK_EQ(symbols_module_debug(together, i), symbols_module_debug(alone, i));
	symbols_free(together);
	symbols_free(alone);
	release_modules();
}

TEST(none_and_unknown_modules_may_be_asked_for)
{
	struct symbols *s = symbols_new(&(struct symbols_options){0});
	size_t n = 0;

	symbols_find_all(s, NULL, 0);
	symbols_find_all(s, &(struct symbols_query){7, 0x1000}, 1);
	CHECK(symbols_find(s, 7, 0x1000, &n)->function == NULL);
	CHECK_EQ(n, 1);
	symbols_load_all(s);
	symbols_free(s);
}

/* What one unit left is forgotten before the next; what was told of it stays as it was. */
TEST(units_are_forgotten_but_not_what_they_told)
{
	struct symbols_options options = {0};
	struct module_symbols *forgetful, *whole;
	struct module_answer *answers = xcalloc(EACH, sizeof *answers);

	find_modules();
	forgetful = module_symbols_new(&options, modules[0].path, NULL, 0);
	whole = module_symbols_new(&options, modules[0].path, NULL, 0);
	module_symbols_load(forgetful);
	module_symbols_load(whole);
	CHECK_EQ(forgetful->debug, SYMBOLS_DWARF);
	forgetful->units_most = 1;
	srand(2);
	for (size_t i = 0; i < EACH; i++)
		answers[i].address = modules[0].code + (uint64_t)rand() % modules[0].code_size;
	module_symbols_find_all(forgetful, answers, EACH);
	CHECK_EQ(forgetful->units_most, 1); /* it was possible */
	for (size_t i = 0; i < EACH; i++) {
		struct symbol *frames;
		size_t n = module_symbols_find(whole, answers[i].address, &frames);

		CHECK(same_frames(frames, n, answers[i].frames, answers[i].n));
		free(frames);
		free(answers[i].frames);
	}
	module_symbols_free(forgetful);
	module_symbols_free(whole);
	release_modules();
	free(answers);
}

TEST(a_file_that_two_traces_have_is_read_once_wherever_it_was_loaded)
{
	static const uint64_t moved = 0x10000;
	struct symbols *first, *second;
	size_t n;

	find_modules();
	uint64_t at = modules[0].bias + modules[0].code;

	first = open_modules();
	const struct symbol *answer = symbols_find(first, 0, at, &n);

	second = symbols_share(first);
	symbols_add_module(second, 7, modules[0].path, NULL, 0, modules[0].bias + moved);
	CHECK(symbols_find(second, 7, at + moved, &n) == answer);
	symbols_free(first);
	CHECK(symbols_find(second, 7, at + moved, &n) == answer);
	symbols_free(second);
	release_modules();
}

TEST(what_only_its_time_tells_from_another_file_is_not_shared)
{
	static const uint8_t id[] = {1, 2, 3};
	struct symbols *first = symbols_new(&(struct symbols_options){0}),
		       *second = symbols_share(first);
	size_t n;

	symbols_set_recorded(first, 1);
	symbols_set_recorded(second, 2);
	for (uint32_t i = 0; i < 2; i++) {
		symbols_add_module(i ? second : first, 0, "/nonexistent/a", NULL, 0, 0);
		symbols_add_module(i ? second : first, 1, "/nonexistent/a", id, sizeof id, 0);
	}
	const struct symbol *by_time = symbols_find(first, 0, 16, &n),
			    *by_id = symbols_find(first, 1, 16, &n);

	CHECK(symbols_find(second, 0, 16, &n) != by_time);
	CHECK(symbols_find(second, 1, 16, &n) == by_id);
	CHECK(by_time != by_id);
	symbols_free(second);
	symbols_free(first);
}
