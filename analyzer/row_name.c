// SPDX-License-Identifier: MIT
/*
 * Names of rows. The text of a key that is no frame is the whole name.
 */
#include "row_name.h"

#include "amount.h"
#include "die.h"

/* Makes the paths of the rows that are shown relative to one folder. */
void row_names_learn(struct look *look, const struct report *report)
{
	for (size_t i = 0; i < report->n_shown; i++) {
		size_t n = 1;
		const uint32_t *ids =
			frames_traceback_get(report->frames, report->rows[i].traceback, &n);

		if (!group_key_has_frames(report->query->key))
			break;
		for (size_t f = 0; f < n; f++)
			place_learn(&look->place, &look->own, frames_get(report->frames, ids[f]));
	}
	place_learned(&look->place);
}

const struct frame *row_frame(const struct report *report, const struct report_row *row)
{
	size_t n, i = 0;
	const uint32_t *ids = frames_traceback_get(report->frames, row->traceback, &n);

	while (report->query->key == GROUP_FUNCTION && i + 1 < n &&
	       frames_get(report->frames, ids[i])->function != row->key)
		i++;
	const struct frame *frame = frames_get(report->frames, ids[i]);

	if (report->query->key == GROUP_FUNCTION && frame->function != row->key)
		frame = frames_get(report->frames, ids[0]);
	return frame;
}

void row_name_columns(struct table *table, const struct report *report, unsigned gap)
{
	static const char *const heads[GROUP_KEY_END] = {
		[GROUP_LINENO] = "line",       [GROUP_FILENAME] = "file",
		[GROUP_FUNCTION] = "function", [GROUP_MODULE] = "module",
		[GROUP_DOMAIN] = "domain",     [GROUP_THREAD] = "thread",
		[GROUP_PROCESS] = "process",
	};
	enum group_key key = report->query->key;
	bool path = key == GROUP_LINENO || key == GROUP_FILENAME || key == GROUP_MODULE;

	table_column(table, heads[key], path ? COLUMN_PATH : COLUMN_FUNCTION, gap);
	if (key == GROUP_FUNCTION)
		table_column(table, NULL, COLUMN_PATH, 3);
}

size_t row_name_cells(const struct look *look, const struct report *report,
		      const struct report_row *row, struct cell *cells)
{
	enum group_key key = report->query->key;
	size_t size;

	if (key == GROUP_LINENO || key == GROUP_FILENAME) {
		look_line(look, row_frame(report, row), key == GROUP_FILENAME, &cells[0]);
		return 1;
	}
	const char *text = report_key_text(report, row, &size);

	cells[0].text = key == GROUP_MODULE ? place_path(&look->place, text)
					    : terminal_safe(&look->terminal, text, size);
	if (key != GROUP_FUNCTION)
		return 1;
	const struct frame *frame = row_frame(report, row);

	if (frame->has_line)
		look_line(look, frame, false, &cells[1]);
	else
		cells[1].text = place_module(&look->place, frame);
	return 2;
}

char *row_names_more(const struct report *report, size_t left)
{
	char number[AMOUNT_MAX];

	return xasprintf("%s more %s", amount_count(left, number), report_noun(report, left));
}
