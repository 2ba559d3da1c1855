// SPDX-License-Identifier: MIT
/*
 * tmtrace export: the snapshot for other programs.
 */
#include "output.h"
#include "snapshot_file.h"
#include "view.h"

int cmd_export(const struct query *query)
{
	struct frames *frames = frames_new();
	struct output output;
	struct view view;

	view_open(&view, query, query->operands[0]);
	view_take(&view, 1, frames, query, NULL);
	jsonl_export(view.snapshot, output_open(&output, query->output));
	output_close(&output);
	view_release(&view, 1);
	frames_free(frames);
	return 0;
}
