// SPDX-License-Identifier: MIT
/*
 * tmtrace snapshot: Snapshot.dump. The filtered snapshot becomes a trace of its own.
 */
#include "die.h"
#include "output.h"
#include "snapshot_file.h"
#include "view.h"

int cmd_snapshot(const struct query *query)
{
	struct frames *frames = frames_new();
	struct output output;
	struct view view;
	char *message = NULL;
	struct query raw = *query;

	raw.symbols.no_demangle = true; /* whoever reads it says what becomes of names */
	view_open(&view, &raw, query->operands[0]);
	view_take(&view, 1, frames, query, NULL);
	if (snapshot_save(view.snapshot, view.trace, output_open_trace(&output, query->output),
			  &message) < 0)
		die("%s: %s", query->output, message);
	output_close(&output);
	view_release(&view, 1);
	frames_free(frames);
	return 0;
}
