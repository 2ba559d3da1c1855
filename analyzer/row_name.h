// SPDX-License-Identifier: MIT
/*
 * What the rows of a table are called, whatever they are grouped by.
 */
#ifndef ANALYZER_ROW_NAME_H
#define ANALYZER_ROW_NAME_H

#include "look.h"
#include "report.h"

/* Makes the paths of the rows that are shown relative to one folder. */
void row_names_learn(struct look *look, const struct report *report);

/* The frame that a row is about: of a function, where it is in the row's traceback. */
const struct frame *row_frame(const struct report *report, const struct report_row *row);

/* Adds the columns of names, and fills them; returns how many there are. */
void row_name_columns(struct table *table, const struct report *report, unsigned gap);
size_t row_name_cells(const struct look *look, const struct report *report,
		      const struct report_row *row, struct cell *cells);

/* "61 more lines" */
char *row_names_more(const struct report *report, size_t left);

#endif
