// SPDX-License-Identifier: MIT
/*
 * Which modules are to blame for what has no line, and what to do about it.
 *
 * The ten worst have a row each; what is not worth a percent of the live bytes has no more than
 * that, so that the ones that matter are not buried.
 */
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "debug_file.h"
#include "die.h"
#include "info.h"
#include "package.h"

#define ROWS_MOST 10u
#define FIRST_ROWS 3u

struct blame {
	const struct info *info;
	const struct look *look;
	const struct coverage_module **modules; /* the worst first */
	size_t n;
	unsigned indent;
	bool wants_archive; /* what was advised is in no archive that apt knows */
};

static int compare_modules(const void *a, const void *b)
{
	const struct coverage_module *x = *(const struct coverage_module *const *)a;
	const struct coverage_module *y = *(const struct coverage_module *const *)b;

	if (x->size != y->size)
		return x->size < y->size ? 1 : -1;
	if (x->frames != y->frames)
		return x->frames < y->frames ? 1 : -1;
	return strcmp(x->module->path, y->module->path);
}

static bool matters(const struct blame *blame, const struct coverage_module *module)
{
	return module->size && module->size >= blame->info->totals.live_size / 100;
}

/*
 * Every program has a few frames of assembler: no fault of a module that has lines otherwise, unless
 * something can be done about it.
 */
static bool is_to_blame(const struct blame *blame, const struct coverage_module *module)
{
	struct symbols *symbols = blame->info->view->symbols;
	uint32_t id = module->module->id;

	if (module->debug == SYMBOLS_DAMAGED)
		return true;
	if (module->debug != SYMBOLS_DWARF)
		return module->size || module->frames;
	return matters(blame, module) || (symbols_module_debug(symbols, id) == SYMBOLS_DWARF &&
					  symbols_module_advice(symbols, id));
}

static void find_modules(struct blame *blame)
{
	const struct coverage *coverage = &blame->info->coverage;

	blame->modules = xcalloc(coverage->n_modules, sizeof *blame->modules);
	for (size_t i = 0; i < coverage->n_modules; i++)
		if (is_to_blame(blame, &coverage->modules[i]))
			blame->modules[blame->n++] = &coverage->modules[i];
	if (blame->n)
		qsort(blame->modules, blame->n, sizeof *blame->modules, compare_modules);
}

static const char *advice_of(struct blame *blame, const struct coverage_module *module)
{
	const char *sysroot = blame->info->query->symbols.sysroot;
	const char *advice = symbols_module_advice(blame->info->view->symbols, module->module->id);

	if (!advice && module->debug == SYMBOLS_DWARF)
		return "a part of it was compiled without -g";
	if (advice && package_is_in_archive(advice) && !package_archive_is_known(sysroot))
		blame->wants_archive = true;
	return advice;
}

/* A line below a row, from its name on; takes TEXT over. */
static void line_below(struct table *table, enum style style, char *text)
{
	struct cell *cell = table_row(table);

	cell->wide = xasprintf("  %s", text);
	cell->style = style;
	free(text);
}

/* The whole path, and the debug file that would have helped. */
static void details(const struct blame *blame, struct table *table,
		    const struct coverage_module *module, const char *advice)
{
	const struct terminal *terminal = &blame->look->terminal;
	const struct trace_module *m = module->module;
	char *looked = module->debug == SYMBOLS_DWARF
			       ? NULL
			       : debug_file_system_path(blame->info->query->symbols.sysroot,
							m->build_id, m->build_id_size);

	if (!advice || !strstr(advice, m->path))
		line_below(table, STYLE_DIM, terminal_safe(terminal, m->path, strlen(m->path)));
	if (looked && !(advice && strstr(advice, looked)))
		line_below(table, STYLE_DIM, xasprintf("not found: %s", looked));
	free(looked);
}

static void module_row(struct blame *blame, struct table *table,
		       const struct coverage_module *module, bool among_first)
{
	static const char *const states[] = {
		[SYMBOLS_DWARF] = "lines",	     [SYMBOLS_SYMTAB] = "names only",
		[SYMBOLS_NONE] = "nothing",	     [SYMBOLS_UNKNOWN] = "nothing",
		[SYMBOLS_MISMATCH] = "another file", [SYMBOLS_MISSING] = "no file",
		[SYMBOLS_DAMAGED] = "damaged",
	};
	const char *advice = advice_of(blame, module);
	const char *path = module->module->path, *slash = strrchr(path, '/');
	const struct terminal *terminal = &blame->look->terminal;
	uint64_t live = blame->info->totals.live_size;
	struct cell *cell = table_row(table);
	char number[AMOUNT_MAX];

	path = slash && slash[1] ? slash + 1 : path;
	cell[0].text = terminal_safe(terminal, path, strlen(path));
	cell[1].text = xstrdup(states[module->debug]);
	cell[2].text = xstrdup(amount_share(module->size, live, number));
	cell[3].text = xstrdup("of live bytes");
	cell[4].text = xstrdup(amount_count(module->frames, number));
	cell[5].text = xstrdup(module->frames == 1 ? "frame" : "frames");
	/* Not cut off where it matters, or where there is not much else. */
	if (advice && terminal->width && (among_first || matters(blame, module)))
		line_below(table, STYLE_PLAIN, terminal_safe(terminal, advice, strlen(advice)));
	else if (advice)
		cell[6].text = terminal_safe(terminal, advice, strlen(advice));
	if (matters(blame, module))
		details(blame, table, module, advice);
}

/* What the modules without a row of their own come to. */
static void rest_row(const struct blame *blame, struct table *table)
{
	struct cell *cell = table_row(table);
	uint64_t size = 0, frames = 0;
	char share[AMOUNT_MAX], number[AMOUNT_MAX];

	for (size_t i = ROWS_MOST; i < blame->n; i++) {
		size += blame->modules[i]->size;
		frames += blame->modules[i]->frames;
	}
	cell[0].text = xasprintf("%zu more", blame->n - ROWS_MOST);
	cell[2].text = xstrdup(amount_share(size, blame->info->totals.live_size, share));
	cell[3].text = xstrdup("of live bytes");
	cell[4].text = xstrdup(amount_count(frames, number));
	cell[5].text = xstrdup(frames == 1 ? "frame" : "frames");
	cell[6].text = xstrdup("--format json has all");
}

static void archive_note(const struct blame *blame, FILE *out)
{
	char *line = package_archive_line(blame->info->query->symbols.sysroot);

	if (line)
		fprintf(out,
			"%*s-dbgsym packages are in an archive that apt does not know here; to "
			"add it, as root:\n%*s  echo '%s' >/etc/apt/sources.list.d/debug.list; "
			"apt update\n",
			(int)blame->indent, "", (int)blame->indent, "", line);
	free(line);
}

void info_modules(const struct info *info, const struct look *look, unsigned indent, FILE *out)
{
	struct blame blame = {.info = info, .look = look, .indent = indent};
	struct table table;

	find_modules(&blame);
	table_init(&table, &look->terminal);
	table_column(&table, NULL, COLUMN_PATH, indent);
	table_column(&table, NULL, COLUMN_BAR, 3)->least = strlen("names only");
	table_column(&table, NULL, COLUMN_NUMBER, 3)->least = strlen("100.0 %");
	table_column(&table, NULL, COLUMN_BAR, 1);
	table_column(&table, NULL, COLUMN_NUMBER, 3);
	table_column(&table, NULL, COLUMN_BAR, 1);
	table_column(&table, NULL, COLUMN_TEXT, 3);
	for (size_t i = 0; i < blame.n && i < ROWS_MOST; i++)
		module_row(&blame, &table, blame.modules[i], i < FIRST_ROWS);
	if (blame.n > ROWS_MOST)
		rest_row(&blame, &table);
	table_print(&table, out);
	if (blame.wants_archive)
		archive_note(&blame, out);
	table_release(&table);
	free(blame.modules);
}
