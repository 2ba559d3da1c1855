// SPDX-License-Identifier: MIT
/*
 * Opening, replaying and filtering, with everything that can be said about it said.
 */
#include "view.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "die.h"
#include "process_name.h"
#include "progress.h"
#include "strip.h"

static void open_trace(struct view *view, const struct query *query)
{
	char *message = NULL;

	view->trace = trace_open(view->operand.path, &message);
	if (!view->trace)
		die("%s", message);
	if (view->trace->warning)
		warn("%s", view->trace->warning);
	if (!view->symbols)
		view->symbols = symbols_new(&query->symbols);
	symbols_set_recorded(view->symbols, view->trace->process.time_ns);
	for (size_t i = 0; i < view->trace->n_modules; i++) {
		const struct trace_module *module = &view->trace->modules[i];

		symbols_add_module(view->symbols, module->id, module->path, module->build_id,
				   module->build_id_size, module->bias);
	}
}

void view_open(struct view *view, const struct query *query, const char *operand)
{
	*view = (struct view){0};
	operand_parse(&view->operand, operand);
	open_trace(view, query);
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

void view_open_two(struct view views[2], const struct query *query)
{
	/* Both are parsed before either is opened: wrong usage comes first. */
	for (int i = 0; i < 2; i++) {
		views[i] = (struct view){0};
		operand_parse(&views[i].operand, query->operands[i]);
	}
	open_trace(&views[0], query);
	if (is_same_file(views[0].operand.path, views[1].operand.path)) {
		views[1].trace = views[0].trace;
		views[1].symbols = views[0].symbols;
		views[1].shared = true;
	} else {
		views[1].symbols = symbols_share(views[0].symbols);
		open_trace(&views[1], query);
	}
}

static void take(struct view *views, size_t n, struct frames *frames, struct replay_totals *totals)
{
	struct trace *trace = views[0].trace;
	struct moment moments[2];
	struct snapshot *snapshots[2];
	struct progress progress;
	char *message = NULL;
	const char *warned = trace->warning;

	for (size_t i = 0; i < n; i++)
		moments[i] = views[i].operand.moment;
	progress_begin(&progress);
	int result = replay(trace, moments, n, frames, views[0].symbols, snapshots, totals,
			    progress_show, &progress, &message);

	progress_end(&progress);
	if (result < 0)
		die("%s", message);
	if (trace->warning && trace->warning != warned)
		warn("%s", trace->warning);
	for (size_t i = 0; i < n; i++)
		views[i].snapshot = snapshots[i];
}

void view_take(struct view *views, size_t n, struct frames *frames, const struct query *query,
	       struct replay_totals *totals)
{
	if (n == 2 && !views[1].shared) {
		take(&views[0], 1, frames, totals);
		take(&views[1], 1, frames, NULL);
	} else {
		take(views, n, frames, totals);
	}
	for (size_t i = 0; i < n; i++) {
		const struct text_list *folders = &query->strip_prefixes;

		if (folders->n)
			views[i].snapshot =
				snapshot_strip(views[i].snapshot, folders->item, folders->n);
		if (!views[i].process)
			views[i].process =
				process_name(&views[i].trace->process, views[i].operand.path);
		views[i].snapshot->process = views[i].process;
		snapshot_show_allocators(views[i].snapshot, query->show_allocators);
		filter_traces(views[i].snapshot, query->filters, query->n_filters);
	}
}

void view_release(struct view *views, size_t n)
{
	for (size_t i = 0; i < n; i++)
		snapshot_free(views[i].snapshot);
	for (size_t i = 0; i < n; i++) {
		operand_release(&views[i].operand);
		free(views[i].process);
		if (views[i].shared)
			continue;
		trace_close(views[i].trace);
		symbols_free(views[i].symbols);
	}
}
