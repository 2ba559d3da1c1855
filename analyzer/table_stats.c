// SPDX-License-Identifier: MIT
/*
 * Statistics as a table for people: heading, columns, and what was left out in the last row.
 */
#include <stdlib.h>

#include "amount.h"
#include "die.h"
#include "render_table.h"
#include "row_name.h"
#include "sum_words.h"

#define BAR_WIDTH 10

static enum style share_style(uint64_t size, uint64_t total)
{
	double share = total ? (double)size / (double)total : 0;

	return share >= 0.1 ? STYLE_BOLD : share < 0.01 ? STYLE_DIM : STYLE_PLAIN;
}

static uint64_t average(const struct report_row *row)
{
	uint64_t rest = row->count ? row->size % row->count : 0;

	return row->count ? row->size / row->count + (rest >= row->count - rest) : 0;
}

struct stats_table {
	const struct report *report;
	const struct look *look;
	struct table table;
	bool bars, sources;
	uint64_t most; /* the longest bar */
};

static void stats_columns(struct stats_table *s)
{
	struct table *table = &s->table;
	bool totals = s->report->has_totals;

	table_column(table, totals ? "own" : "size", COLUMN_NUMBER, 0);
	table_column(table, "share", COLUMN_NUMBER, 1);
	if (s->bars)
		table_column(table, NULL, COLUMN_BAR, 2)->drop = 1;
	if (totals) {
		table_column(table, "total", COLUMN_NUMBER, s->bars ? 1 : 2);
		table_column(table, "share", COLUMN_NUMBER, 1);
	}
	table_column(table, "count", COLUMN_NUMBER, 2);
	table_column(table, "avg", COLUMN_NUMBER, 2)->drop = 2;
	row_name_columns(table, s->report, 2);
	if (s->sources)
		table_column(table, "source", COLUMN_TEXT, 1);
}

static struct cell *size_cells(const struct stats_table *s, uint64_t size, struct cell *cell)
{
	char text[AMOUNT_MAX];
	uint64_t total = s->report->size;

	cell->text = xstrdup(amount_size(size, s->report->query->exact, text));
	cell++->style = share_style(size, total);
	cell->text = xstrdup(amount_share(size, total, text));
	cell++->style = share_style(size, total);
	return cell;
}

/* The number columns; returns the cell after them. `totals`: the row has figures for them. */
static struct cell *number_cells(const struct stats_table *s, const struct report_row *row,
				 bool totals, struct cell *cell)
{
	char text[AMOUNT_MAX];

	cell = size_cells(s, row->size, cell);
	if (s->bars)
		cell++->text =
			terminal_bar(&s->look->terminal, row->size, s->most, BAR_WIDTH, false);
	if (s->report->has_totals)
		cell = totals ? size_cells(s, row->total_size, cell) : cell + 2;
	cell++->text = xstrdup(amount_count(row->count, text));
	if (row->count)
		cell->text = xstrdup(amount_size(average(row), s->report->query->exact, text));
	return cell + 1;
}

static void stats_row(struct stats_table *s, const struct report_row *row)
{
	struct cell *cell = number_cells(s, row, true, table_row(&s->table));

	cell += row_name_cells(s->look, s->report, row, cell);
	if (s->sources)
		look_source(s->look, row_frame(s->report, row), cell);
}

/* What is left of the totals. Where frames count more than once there is no such thing. */
static struct report_row stats_rest(const struct report *report)
{
	struct report_row rest = {.size = report->size, .count = report->count};

	for (size_t i = 0; i < report->n_shown; i++) {
		rest.size -= report->rows[i].size;
		rest.count -= report->rows[i].count;
	}
	return rest;
}

static void rest_cells(struct stats_table *s)
{
	const struct report *report = s->report;
	struct report_row rest = stats_rest(report);
	struct cell *cell = table_row(&s->table);
	size_t left = report->n_rows - report->n_shown,
	       numbers = 4 + s->bars + 2 * report->has_totals;
	char *more = row_names_more(report, left);

	if (!report->query->cumulative)
		number_cells(s, &rest, false, cell);
	cell += numbers;
	cell->wide = xasprintf("%s, -n 0 shows all", more);
	if (s->sources) {
		cell[0].text = more;
		cell[1].text = xstrdup("-n 0 shows all");
	} else {
		free(more);
	}
}

/* ", 256 KiB of it mapped" */
static char *mapped_words(const struct report *report)
{
	char size[AMOUNT_MAX];

	if (!report->mapped)
		return xstrdup("");
	if (report->mapped == report->size)
		return xstrdup(", all of it mapped");
	return xasprintf(", %s of it mapped",
			 amount_size(report->mapped, report->query->exact, size));
}

/* "app.tmz at the peak (3.10 s)" */
static char *subject_words(const struct look *look, const struct report *report)
{
	if (report->sum)
		return sum_words(look, report->sum);
	char *name = look_trace_name(look, report->view), *moment = look_moment(look, report->view),
	     *time = look_moment_time(report->view);
	char *words = xasprintf("%s %s%s%s%s", name, moment, time ? " (" : "", time ? time : "",
				time ? ")" : "");

	free(name);
	free(moment);
	free(time);
	return words;
}

static void stats_heading(const struct look *look, const struct report *report, FILE *out)
{
	char *subject = subject_words(look, report), *blocks = look_blocks(report->count);
	char *filters = look_filter_words(look), *base = look_base_words(look);
	char *mapped = mapped_words(report);
	char size[AMOUNT_MAX], groups[AMOUNT_MAX];

	fprintf(out, "%s: %s live in %s", subject,
		amount_size(report->size, report->query->exact, size), blocks);
	if (report->n_rows && !(report->sum && report->query->key == GROUP_PROCESS))
		fprintf(out, " from %s %s", amount_count(report->n_rows, groups),
			report_noun(report, report->n_rows));
	fprintf(out, "%s%s%s%s\n", mapped, report->query->cumulative ? ", every frame counted" : "",
		filters, base);
	free(subject);
	free(blocks);
	free(filters);
	free(base);
	free(mapped);
}

static bool any_source(const struct look *look, const struct report *report)
{
	for (size_t i = 0; report->query->key == GROUP_LINENO && i < report->n_shown; i++) {
		struct cell cell = {0};

		look_source(look, row_frame(report, &report->rows[i]), &cell);
		free(cell.text);
		if (cell.text)
			return true;
	}
	return false;
}

static void stats_print(const struct look *look, const struct report *report, FILE *out)
{
	struct stats_table s = {
		.report = report,
		.look = look,
		.bars = look->terminal.width,
		.sources = any_source(look, report),
	};
	bool rest = report->n_shown < report->n_rows;

	s.most = rest && !report->query->cumulative ? stats_rest(report).size : 0;
	for (size_t i = 0; i < report->n_shown; i++)
		if (report->rows[i].size > s.most)
			s.most = report->rows[i].size;
	table_init(&s.table, &look->terminal);
	s.table.full_names = report->query->full_names;
	stats_columns(&s);
	for (size_t i = 0; i < report->n_shown; i++)
		stats_row(&s, &report->rows[i]);
	if (rest)
		rest_cells(&s);
	table_print(&s.table, out);
	table_release(&s.table);
}

static void stacks_print(const struct look *look, const struct report *report, FILE *out)
{
	struct report_row rest = stats_rest(report);
	uint64_t total = report->size;
	char size[AMOUNT_MAX], share[AMOUNT_MAX], each[AMOUNT_MAX], depth[AMOUNT_MAX];
	bool exact = report->query->exact;

	for (size_t i = 0; i < report->n_shown; i++) {
		const struct report_row *row = &report->rows[i];
		char *blocks = look_blocks(row->count), *figures;
		size_t n;

		frames_traceback_get(report->frames, row->traceback, &n);
		figures = xasprintf("%8s %6s", amount_size(row->size, exact, size),
				    amount_share(row->size, total, share));
		style_print(&look->terminal, share_style(row->size, total), figures, out);
		fprintf(out, "  %s, %s on average, %s frame%s\n", blocks,
			amount_size(average(row), exact, each), amount_count(n, depth),
			n == 1 ? "" : "s");
		look_traceback(look, row->traceback, out);
		free(blocks);
		free(figures);
	}
	if (report->n_shown == report->n_rows)
		return;
	size_t left = report->n_rows - report->n_shown;
	char *blocks = look_blocks(rest.count);

	char *more = row_names_more(report, left);

	fprintf(out, "%8s %6s  %s in %s, -n 0 shows all\n", amount_size(rest.size, exact, size),
		amount_share(rest.size, total, share), blocks, more);
	free(blocks);
	free(more);
}

void table_stats(const struct look *look, const struct report *report, FILE *out)
{
	stats_heading(look, report, out);
	if (report->n_rows)
		fputc('\n', out);
	if (report->n_rows && report->query->key == GROUP_TRACEBACK)
		stacks_print(look, report, out);
	else if (report->n_rows)
		stats_print(look, report, out);
}
