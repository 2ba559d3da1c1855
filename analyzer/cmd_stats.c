// SPDX-License-Identifier: MIT
/*
 * tmtrace stats: Snapshot.statistics at a moment.
 */
#include "output.h"
#include "report.h"
#include "view.h"

int cmd_stats(const struct query *query)
{
	struct frames *frames = frames_new();
	struct view view;
	struct report report;
	struct output output;

	view_open(&view, query, query->operands[0]);
	view_take(&view, 1, frames, query, NULL);
	report_init(&report, query, frames, &view, NULL);
	report_print(&report, output_open(&output, query->output));
	output_close(&output);
	report_release(&report);
	view_release(&view, 1);
	frames_free(frames);
	return 0;
}
