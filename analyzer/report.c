// SPDX-License-Identifier: MIT
/*
 * From snapshots to rows, and from rows to the format asked for.
 */
#include "report.h"

#include <stdlib.h>

#include "common/event.h"
#include "die.h"
#include "domains.h"
#include "render.h"

static void (*const renderers[FORMAT_END])(const struct report *, FILE *) = {
	[FORMAT_TABLE] = render_table,
	[FORMAT_PLAIN] = render_plain,
	[FORMAT_TRACEBACK] = render_traceback,
	[FORMAT_JSON] = render_json,
	[FORMAT_CSV] = render_csv,
};

static void rows_of_statistics(struct report *report)
{
	const struct query *query = report->query;
	struct statistic *all = report->sum ? statistics_of(&report->sum->groups, &report->n_rows)
					    : statistics(report->view->snapshot, query->key,
							 query->cumulative, &report->n_rows);

	report->rows = xcalloc(report->n_rows, sizeof *report->rows);
	for (size_t i = 0; i < report->n_rows; i++)
		report->rows[i] = (struct report_row){
			.traceback = all[i].traceback,
			.key = all[i].key,
			.size = all[i].size,
			.count = all[i].count,
			.total_size = all[i].total_size,
			.total_count = all[i].total_count,
		};
	free(all);
}

static void rows_of_comparison(struct report *report)
{
	const struct query *query = report->query;
	struct statistic_diff *all =
		statistics_compare(report->view->snapshot, report->old->snapshot, query->key,
				   query->cumulative, &report->n_rows);

	report->rows = xcalloc(report->n_rows, sizeof *report->rows);
	for (size_t i = 0; i < report->n_rows; i++)
		report->rows[i] = (struct report_row){
			.traceback = all[i].traceback,
			.key = all[i].key,
			.size = all[i].size,
			.count = all[i].count,
			.size_diff = all[i].size_diff,
			.count_diff = all[i].count_diff,
		};
	free(all);
}

/* Whether the trace could name a function at all: it was recorded, or its frames have names with them. */
static bool has_functions(const struct report *report, const struct view *view)
{
	for (size_t i = 0; i < report->n_rows; i++) {
		size_t n;
		const uint32_t *ids =
			frames_traceback_get(report->frames, report->rows[i].traceback, &n);

		if (frames_get(report->frames, ids[0])->function != STRING_NONE)
			return true;
	}
	return view->trace->n_modules;
}

/* Groups, and what follows from them. */
static void make_rows(struct report *report)
{
	const struct query *query = report->query;
	bool deep = query->key == GROUP_FUNCTION || query->key == GROUP_MODULE;

	report->has_totals = deep && !report->old && !query->cumulative;
	if (report->old)
		rows_of_comparison(report);
	else
		rows_of_statistics(report);
	if (query->key == GROUP_FUNCTION && !has_functions(report, report->view))
		die("%s: an imported snapshot has files and lines, but no functions to group by",
		    report->view->operand.path);
	report->n_shown = report->n_rows < query->limit ? report->n_rows : (size_t)query->limit;
}

void report_init(struct report *report, const struct query *query, struct frames *frames,
		 const struct view *view, const struct view *old)
{
	*report = (struct report){
		.query = query,
		.old = old,
		.view = view,
		.size = view->snapshot->size,
		.count = view->snapshot->n_traces,
		.mapped = domain_size(view->snapshot, DOMAIN_MAPPED),
		.frames = frames,
	};
	make_rows(report);
}

void report_init_sum(struct report *report, const struct query *query, struct frames *frames,
		     const struct sum *sum)
{
	*report = (struct report){
		.query = query,
		.view = &sum->whole,
		.sum = sum,
		.size = sum->size,
		.count = sum->count,
		.mapped = sum->mapped,
		.frames = frames,
	};
	make_rows(report);
}

void report_release(struct report *report)
{
	free(report->rows);
	*report = (struct report){0};
}

void report_print(const struct report *report, FILE *out)
{
	renderers[report->query->format](report, out);
}

const char *report_key_text(const struct report *report, const struct report_row *row, size_t *size)
{
	return group_key_is_frames(report->query->key)
		       ? NULL
		       : frames_text(report->frames, row->key, size);
}

const char *report_noun(const struct report *report, uint64_t n)
{
	static const char *const nouns[GROUP_KEY_END][2] = {
		[GROUP_TRACEBACK] = {"tracebacks", "traceback"},
		[GROUP_LINENO] = {"lines", "line"},
		[GROUP_FILENAME] = {"files", "file"},
		[GROUP_FUNCTION] = {"functions", "function"},
		[GROUP_MODULE] = {"modules", "module"},
		[GROUP_DOMAIN] = {"domains", "domain"},
		[GROUP_THREAD] = {"threads", "thread"},
		[GROUP_PROCESS] = {"processes", "process"},
	};
	static const char *const programs[2] = {"programs", "program"};
	const struct sum *sum = report->sum;

	/* Of a process that made an exec, each has a row. */
	if (report->query->key == GROUP_PROCESS && sum && sum->n_traces > sum->n_processes)
		return programs[n == 1];
	return nouns[report->query->key][n == 1];
}
