// SPDX-License-Identifier: MIT
/*
 * The two tables of `--format table`.
 */
#ifndef ANALYZER_RENDER_TABLE_H
#define ANALYZER_RENDER_TABLE_H

#include <stdio.h>

#include "look.h"
#include "report.h"

void table_stats(const struct look *look, const struct report *report, FILE *out);
void table_diff(const struct look *look, const struct report *report, FILE *out);

/* One line, when more than 5 % of the bytes of all rows have no line; of a diff, of the changes. */
void table_note(const struct look *look, const struct report *report, FILE *out);

#endif
