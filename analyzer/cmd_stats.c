// SPDX-License-Identifier: MIT
/*
 * tmtrace stats: Snapshot.statistics at a moment, of one trace or of several summed.
 */
#include "output.h"
#include "report.h"
#include "sum.h"
#include "view.h"

static void print(const struct query *query, const struct report *report)
{
	struct output output;

	report_print(report, output_open(&output, query->output));
	output_close(&output);
}

static void stats_of_one(const struct query *query, struct frames *frames)
{
	struct view view;
	struct report report;

	view_open(&view, query, query->operands[0]);
	view_take(&view, 1, frames, query, NULL);
	report_init(&report, query, frames, &view, NULL);
	print(query, &report);
	report_release(&report);
	view_release(&view, 1);
}

static void stats_of_several(const struct query *query, struct frames *frames)
{
	struct sum sum;
	struct report report;

	sum_open(&sum, query);
	sum_take(&sum, frames, query);
	report_init_sum(&report, query, frames, &sum);
	print(query, &report);
	report_release(&report);
	sum_release(&sum);
}

int cmd_stats(const struct query *query)
{
	struct frames *frames = frames_new();

	if (query->n_operands > 1 || sum_operand_is_folder(query->operands[0]))
		stats_of_several(query, frames);
	else
		stats_of_one(query, frames);
	frames_free(frames);
	return 0;
}
