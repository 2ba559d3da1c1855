// SPDX-License-Identifier: MIT
/*
 * A comparison as a table for people. Unchanged groups are noise to them: they are summed up in the
 * last row unless everything is asked for.
 */
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "die.h"
#include "render_table.h"
#include "row_name.h"

#define HALF_BAR 7

struct diff_table {
	const struct report *report;
	const struct look *look;
	const struct report_row **shown;
	size_t n_shown, n_more, n_unchanged; /* more: changed, but not shown */
	struct report_row rest;
	struct table table;
	bool bars;
	uint64_t most; /* the longest bar */
};

static bool is_changed(const struct report_row *row)
{
	return row->size_diff || row->count_diff;
}

/* Picks the rows to show and sums up the others. */
static void diff_select(struct diff_table *d)
{
	const struct report *report = d->report;
	bool everything = report->query->limit == UINT64_MAX;

	d->shown = xcalloc(report->n_rows, sizeof *d->shown);
	for (size_t i = 0; i < report->n_rows; i++) {
		const struct report_row *row = &report->rows[i];

		if (everything || (is_changed(row) && d->n_shown < report->query->limit)) {
			d->shown[d->n_shown++] = row;
			continue;
		}
		*(is_changed(row) ? &d->n_more : &d->n_unchanged) += 1;
		d->rest.size += row->size;
		d->rest.count += row->count;
		d->rest.size_diff += row->size_diff;
		d->rest.count_diff += row->count_diff;
	}
	d->most = report->query->cumulative ? 0 : amount_magnitude(d->rest.size_diff);
	for (size_t i = 0; i < d->n_shown; i++)
		if (amount_magnitude(d->shown[i]->size_diff) > d->most)
			d->most = amount_magnitude(d->shown[i]->size_diff);
}

static char *signed_share(uint64_t old, uint64_t new)
{
	if (!old || old == new)
		return xstrdup("");
	double share = 100 * ((double)new - (double)old) / (double)old;

	return xasprintf(" (%+.*f %%)", share < 1000, share);
}

static void heading_row(struct table *table, const struct look *look, const struct view *view,
			const char *which, const struct view *old)
{
	struct cell *cell = table_row(table);
	char *name = look_trace_name(look, view), *words = look_moment(look, view),
	     *time = look_moment_time(view);
	bool exact = look->query->exact;
	char text[AMOUNT_MAX];

	cell[0].text = xstrdup(which);
	cell[1].text = xasprintf("%s %s", name, words);
	cell[2].text = time ? xasprintf("(%s)", time) : NULL;
	cell[3].text = xstrdup(amount_size(view->snapshot->size, exact, text));
	cell[4].text = xstrdup("in");
	cell[5].text = look_blocks(view->snapshot->n_traces);
	if (old) {
		uint64_t before = old->snapshot->size, now = view->snapshot->size;
		char *share = signed_share(before, now);

		cell[6].text = xasprintf(
			"%s%s", amount_size_change((int64_t)(now - before), exact, text), share);
		free(share);
	}
	free(name);
	free(words);
	free(time);
}

static void diff_heading(const struct look *look, const struct report *report, FILE *out)
{
	char *filters = look_filter_words(look), *base = look_base_words(look);
	char *time = look_moment_time(report->old), *other = look_moment_time(report->view);
	struct table table;

	table_init(&table, &look->terminal);
	table_column(&table, NULL, COLUMN_BAR, 0);
	table_column(&table, NULL, COLUMN_BAR, 2);
	table_column(&table, NULL, COLUMN_BAR, time || other ? 1 : 0);
	table_column(&table, NULL, COLUMN_NUMBER, 3);
	table_column(&table, NULL, COLUMN_BAR, 1);
	table_column(&table, NULL, COLUMN_NUMBER, 1);
	table_column(&table, NULL, COLUMN_BAR, 5);
	heading_row(&table, look, report->old, "old", NULL);
	heading_row(&table, look, report->view, "new", report->old);
	table_print(&table, out);
	if (*filters || *base)
		fprintf(out, "     %s%s%s\n",
			report->query->cumulative ? "every frame counted, " : "",
			*filters ? filters + 2 : base + 2, *filters ? base : "");
	else if (report->query->cumulative)
		fputs("     every frame counted\n", out);
	table_release(&table);
	free(filters);
	free(base);
	free(time);
	free(other);
}

static char *two_sided_bar(const struct diff_table *d, int64_t change)
{
	const struct terminal *terminal = &d->look->terminal;
	uint64_t size = amount_magnitude(change);
	char *left = terminal_bar(terminal, change < 0 ? size : 0, d->most, HALF_BAR, true);
	char *right = terminal_bar(terminal, change > 0 ? size : 0, d->most, HALF_BAR, false);
	char *bar = xasprintf("%s%s%s", left, terminal->utf8 ? "│" : "|", right);

	free(left);
	free(right);
	return bar;
}

static enum style change_style(int64_t change)
{
	return change > 0 ? STYLE_RED : change < 0 ? STYLE_GREEN : STYLE_PLAIN;
}

static const char *state(const struct report_row *row)
{
	if (!row->count && row->count_diff)
		return "gone";
	return row->count && (int64_t)row->count == row->count_diff ? "new" : NULL;
}

/* The number columns; returns the cell after them. */
static struct cell *number_cells(const struct diff_table *d, const struct report_row *row,
				 struct cell *cell)
{
	bool exact = d->report->query->exact;
	char text[AMOUNT_MAX];

	cell->style = change_style(row->size_diff);
	cell++->text = xstrdup(amount_size_change(row->size_diff, exact, text));
	if (d->bars) {
		cell->style = change_style(row->size_diff);
		cell++->text = two_sided_bar(d, row->size_diff);
	}
	cell++->text = xstrdup(amount_size(row->size, exact, text));
	cell++->text = xstrdup(amount_count_change(row->count_diff, text));
	cell++->text = xstrdup(amount_count(row->count, text));
	return cell;
}

static void diff_columns(struct diff_table *d)
{
	table_column(&d->table, "change", COLUMN_NUMBER, 0);
	if (d->bars)
		table_column(&d->table, NULL, COLUMN_BAR, 2)->drop = 1;
	table_column(&d->table, "size now", COLUMN_NUMBER, 2);
	table_column(&d->table, "blocks", COLUMN_NUMBER, 2);
	table_column(&d->table, "count now", COLUMN_NUMBER, 1);
	row_name_columns(&d->table, d->report, 2);
	table_column(&d->table, NULL, COLUMN_BAR, 2);
}

/* "61 more lines, 3,139 unchanged, -n 0 shows all" */
static char *rest_words(const struct diff_table *d)
{
	char number[AMOUNT_MAX];

	if (!d->n_more)
		return xasprintf("%s unchanged %s, -n 0 shows all",
				 amount_count(d->n_unchanged, number),
				 report_noun(d->report, d->n_unchanged));
	char *more = row_names_more(d->report, d->n_more), *words;

	if (d->n_unchanged)
		words = xasprintf("%s, %s unchanged, -n 0 shows all", more,
				  amount_count(d->n_unchanged, number));
	else
		words = xasprintf("%s, -n 0 shows all", more);
	free(more);
	return words;
}

static void diff_print(struct diff_table *d, FILE *out)
{
	d->bars = d->look->terminal.width;
	table_init(&d->table, &d->look->terminal);
	d->table.full_names = d->report->query->full_names;
	diff_columns(d);
	for (size_t i = 0; i < d->n_shown; i++) {
		struct cell *cell = number_cells(d, d->shown[i], table_row(&d->table));
		const char *word = state(d->shown[i]);

		cell += row_name_cells(d->look, d->report, d->shown[i], cell);
		cell->text = word ? xstrdup(word) : NULL;
	}
	if (d->n_more + d->n_unchanged) {
		struct cell *cell = table_row(&d->table);

		if (!d->report->query->cumulative)
			number_cells(d, &d->rest, cell);
		cell[4 + d->bars].wide = rest_words(d);
	}
	table_print(&d->table, out);
	table_release(&d->table);
}

static void stacks_print(const struct diff_table *d, FILE *out)
{
	bool exact = d->report->query->exact;
	char size[AMOUNT_MAX], change[AMOUNT_MAX], count[AMOUNT_MAX], blocks[AMOUNT_MAX];

	for (size_t i = 0; i < d->n_shown; i++) {
		const struct report_row *row = d->shown[i];
		char *figure = xasprintf("%9s", amount_size_change(row->size_diff, exact, change));
		const char *word = state(row);
		size_t n;

		frames_traceback_get(d->report->frames, row->traceback, &n);
		style_print(&d->look->terminal, change_style(row->size_diff), figure, out);
		fprintf(out, "  now %s  %s blocks, now %s, %zu frame%s%s%s\n",
			amount_size(row->size, exact, size),
			amount_count_change(row->count_diff, blocks),
			amount_count(row->count, count), n, n == 1 ? "" : "s", word ? ", " : "",
			word ? word : "");
		look_traceback(d->look, row->traceback, out);
		free(figure);
	}
	if (!(d->n_more + d->n_unchanged))
		return;
	char *words = rest_words(d);

	fprintf(out, "%9s  now %s  %s blocks, now %s in %s\n",
		amount_size_change(d->rest.size_diff, exact, change),
		amount_size(d->rest.size, exact, size),
		amount_count_change(d->rest.count_diff, blocks), amount_count(d->rest.count, count),
		words);
	free(words);
}

void table_diff(const struct look *look, const struct report *report, FILE *out)
{
	struct diff_table d = {.report = report, .look = look};

	diff_select(&d);
	diff_heading(look, report, out);
	if (report->n_rows)
		fputc('\n', out);
	if (report->n_rows && report->query->key == GROUP_TRACEBACK)
		stacks_print(&d, out);
	else if (report->n_rows)
		diff_print(&d, out);
	free(d.shown);
}
