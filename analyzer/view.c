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
#include "warning.h"

static bool open_trace(struct view *view, const struct query *query, char **message)
{
	if (!view->trace)
		view->trace = trace_open(view->operand.path, message);
	if (!view->trace)
		return false;
	warning_tell(view->trace);
	trace_inherit(view->trace, view->parents);
	if (!view->parents)
		warning_tell_inherited(view->trace);
	if (!view->symbols)
		view->symbols = symbols_new(&query->symbols);
	symbols_set_recorded(view->symbols, view->trace->process.time_ns);
	for (size_t i = 0; i < view->trace->n_modules; i++) {
		const struct trace_module *module = &view->trace->modules[i];

		symbols_add_module(view->symbols, module->id, module->path, module->build_id,
				   module->build_id_size, module->bias);
	}
	return true;
}

static void open_or_die(struct view *view, const struct query *query)
{
	char *message = NULL;

	if (!open_trace(view, query, &message))
		die("%s", message);
}

void view_open(struct view *view, const struct query *query, const char *operand)
{
	*view = (struct view){0};
	operand_parse(&view->operand, operand);
	open_or_die(view, query);
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
	open_or_die(&views[0], query);
	if (is_same_file(views[0].operand.path, views[1].operand.path)) {
		views[1].trace = views[0].trace;
		views[1].symbols = views[0].symbols;
		views[1].shared = true;
	} else {
		views[1].symbols = symbols_share(views[0].symbols);
		open_or_die(&views[1], query);
	}
}

static bool take(struct view *views, size_t n, struct frames *frames, struct replay_totals *totals,
		 char **message)
{
	struct trace *trace = views[0].trace;
	struct moment moments[2];
	struct snapshot *snapshots[2];
	struct progress progress;

	for (size_t i = 0; i < n; i++)
		moments[i] = views[i].operand.moment;
	progress_begin(&progress);
	int result = replay(trace, moments, n, frames, views[0].symbols, snapshots, totals,
			    progress_show, &progress, message);

	progress_end(&progress);
	if (result < 0)
		return false;
	warning_tell(trace);
	if (!views[0].parents)
		warning_tell_inherited(trace);
	for (size_t i = 0; i < n; i++)
		views[i].snapshot = snapshots[i];
	return true;
}

static void take_or_die(struct view *views, size_t n, struct frames *frames,
			struct replay_totals *totals)
{
	char *message = NULL;

	if (!take(views, n, frames, totals, &message))
		die("%s", message);
}

/* What the query says of the traces of a snapshot. */
static void refine(struct view *view, const struct query *query)
{
	const struct text_list *folders = &query->strip_prefixes;

	if (folders->n)
		view->snapshot = snapshot_strip(view->snapshot, folders->item, folders->n);
	if (!view->process)
		view->process = process_name(&view->trace->process, view->operand.path);
	view->snapshot->process = view->process;
	snapshot_show_allocators(view->snapshot, query->show_allocators);
	filter_traces(view->snapshot, query->filters, query->n_filters);
}

void view_take(struct view *views, size_t n, struct frames *frames, const struct query *query,
	       struct replay_totals *totals)
{
	if (n == 2 && !views[1].shared) {
		take_or_die(&views[0], 1, frames, totals);
		take_or_die(&views[1], 1, frames, NULL);
	} else {
		take_or_die(views, n, frames, totals);
	}
	for (size_t i = 0; i < n; i++)
		refine(&views[i], query);
}

bool view_read(struct view *view, struct frames *frames, const struct query *query, char **message)
{
	if (!open_trace(view, query, message) || !take(view, 1, frames, NULL, message))
		return false;
	refine(view, query);
	return true;
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
