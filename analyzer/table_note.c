// SPDX-License-Identifier: MIT
/*
 * The line under a table of which a good part has no lines: whom to ask why.
 */
#include <stdlib.h>

#include "amount.h"
#include "die.h"
#include "render_table.h"
#include "row_name.h"

#define UNNOTICED 20u /* a twentieth, 5 %, is nothing to write about */

/* The frame that stands for the row, as the snapshot chose it. */
static const struct frame *frame_of(const struct report *report, const struct report_row *row)
{
	size_t n;
	const uint32_t *ids = frames_traceback_get(report->frames, row->traceback, &n);
	const struct frame *first = frames_get(report->frames, ids[0]);

	if (report->query->key != GROUP_TRACEBACK)
		return row_frame(report, row);
	for (size_t i = 0; i < n && !report->query->show_allocators; i++)
		if (!frames_get(report->frames, ids[i])->allocator)
			return frames_get(report->frames, ids[i]);
	return first;
}

void table_note(const struct look *look, const struct report *report, FILE *out)
{
	enum group_key key = report->query->key;
	uint64_t all = 0, without = 0, named = 0;
	char share[AMOUNT_MAX];

	if (key == GROUP_MODULE || !group_key_has_frames(key) || !report->view->trace->n_modules)
		return;
	for (size_t i = 0; i < report->n_rows; i++) {
		const struct report_row *row = &report->rows[i];
		uint64_t size = report->old ? amount_magnitude(row->size_diff) : row->size;

		const struct frame *frame = frame_of(report, row);

		all = snapshot_sum(all, size);
		if (frame->has_line)
			continue;
		without = snapshot_sum(without, size);
		if (frame->function != STRING_NONE)
			named = snapshot_sum(named, size);
	}
	if (without <= all / UNNOTICED)
		return;
	char *name = report->sum ? xstrdup("TRACE") : look_trace_name(look, report->view);
	bool standard_input =
		report->view->operand.path[0] == '-' && !report->view->operand.path[1];

	fprintf(out, "\n%s of the %s no line; 'tmtrace info%s%s' says why%s\n",
		amount_share(without, all, share), report->old ? "change has" : "bytes have",
		standard_input ? "" : " ", standard_input ? "" : name,
		key == GROUP_LINENO && named > without / 2 ? ", -g function has names" : "");
	free(name);
}
