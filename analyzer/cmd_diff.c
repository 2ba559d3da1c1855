// SPDX-License-Identifier: MIT
/*
 * tmtrace diff: Snapshot.compare_to, of two traces or of two moments of one.
 */
#include "output.h"
#include "report.h"
#include "view.h"

int cmd_diff(const struct query *query)
{
	struct frames *frames = frames_new();
	struct view views[2]; /* old, new */
	struct report report;
	struct output output;

	view_open_two(views, query);
	view_take(views, 2, frames, query, NULL);
	report_init(&report, query, frames, &views[1], &views[0]);
	report_print(&report, output_open(&output, query->output));
	output_close(&output);
	report_release(&report);
	view_release(views, 2);
	frames_free(frames);
	return 0;
}
