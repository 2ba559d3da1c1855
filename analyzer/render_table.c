// SPDX-License-Identifier: MIT
/*
 * `--format table`: the look is found once, then the table of the command is printed.
 */
#include "render_table.h"

#include "render.h"
#include "row_name.h"

void render_table(const struct report *report, FILE *out)
{
	struct look look;

	look_init(&look, report->query, report->frames, report->view, out);
	row_names_learn(&look, report);
	if (report->old)
		table_diff(&look, report, out);
	else
		table_stats(&look, report, out);
	table_note(&look, report, out);
	look_release(&look);
}
