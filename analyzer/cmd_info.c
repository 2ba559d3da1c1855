// SPDX-License-Identifier: MIT
/*
 * tmtrace info: what was recorded and how good it is.
 */
#include "die.h"
#include "info.h"
#include "output.h"
#include "trace_private.h"

int cmd_info(const struct query *query)
{
	struct frames *frames = frames_new();
	struct output output;
	struct view view;
	struct info info = {.query = query, .view = &view};

	view_open(&view, query, query->operands[0]);
	if (view.operand.moment.kind != MOMENT_END)
		die_usage("info is of the whole recording; leave out '@%s'",
			  view.operand.moment.text);
	view_take(&view, 1, frames, query, &info.totals);
	coverage_init(&info.coverage, view.trace, view.symbols, view.snapshot);
	info.jit_names = perf_map_lines(&view.trace->inner->perf_map);
	info.jit_cut = view.trace->inner->perf_map.cut;
	exec_links_find(&info.exec, view.trace);
	FILE *out = output_open(&output, query->output);

	if (query->format == FORMAT_JSON)
		info_json(&info, out);
	else
		info_table(&info, out);
	output_close(&output);
	exec_links_release(&info.exec);
	coverage_release(&info.coverage);
	view_release(&view, 1);
	frames_free(frames);
	return 0;
}
