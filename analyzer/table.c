// SPDX-License-Identifier: MIT
/*
 * Layout. `fit` decides which columns stay and how wide they are; names are shortened into a copy.
 *
 * Invariant: blanks at the end of a line are never printed, so a pasted table is a clean one.
 */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "shorten.h"

#define TEXT_LEAST 20  /* columns below which a source line tells nothing */
#define TEXT_ENOUGH 24 /* with which it is worth no shorter names */
#define NAME_LEAST 12
#define NAME_PADDED 80 /* columns; longer functions, where they are not shortened, jut out */

struct layout {
	bool shown[TABLE_COLUMNS_MAX];
	size_t width[TABLE_COLUMNS_MAX];
	bool whole; /* functions are not shortened, and may be wider than their column */
};

void table_init(struct table *table, const struct terminal *terminal)
{
	*table = (struct table){.terminal = terminal};
}

struct column *table_column(struct table *table, const char *head, enum column_kind kind,
			    unsigned gap)
{
	struct column *column = &table->columns[table->n_columns++];

	*column = (struct column){.head = head, .kind = kind, .gap = gap};
	return column;
}

struct cell *table_row(struct table *table)
{
	if (table->n_rows == table->cap) {
		table->cap = table->cap ? 2 * table->cap : 16;
		table->cells = xreallocarray(table->cells, table->cap * table->n_columns,
					     sizeof *table->cells);
	}
	struct cell *row = table->cells + table->n_rows++ * table->n_columns;

	memset(row, 0, table->n_columns * sizeof *row);
	return row;
}

void table_release(struct table *table)
{
	for (size_t i = 0; i < table->n_rows * table->n_columns; i++) {
		free(table->cells[i].text);
		free(table->cells[i].link);
		free(table->cells[i].wide);
	}
	free(table->cells);
	*table = (struct table){0};
}

static bool is_name(const struct table *table, size_t c)
{
	return table->columns[c].kind == COLUMN_PATH || table->columns[c].kind == COLUMN_FUNCTION;
}

static const struct cell *cell_at(const struct table *table, size_t row, size_t c)
{
	return &table->cells[row * table->n_columns + c];
}

/* Whether a cell's wide text stands in place of its text. */
static bool is_wide(const struct table *table, const struct layout *layout, const struct cell *cell,
		    size_t c)
{
	return cell->wide && (!cell->text || c + 1 == table->n_columns || !layout->shown[c + 1]);
}

static char *shortened(const struct table *table, size_t c, const char *text, size_t width)
{
	switch (table->columns[c].kind) {
	case COLUMN_PATH:
		return shorten_path(table->terminal, text, width);
	case COLUMN_FUNCTION:
		return shorten_function(table->terminal, text, width);
	case COLUMN_TEXT:
		return shorten_text(table->terminal, text, width);
	default:
		return xstrdup(text);
	}
}

/* The columns that the texts take when none may be wider than MOST, 0 = as wide as they are. */
static size_t natural_width(const struct table *table, const struct layout *layout, size_t c,
			    size_t most)
{
	const char *head = table->columns[c].head;
	size_t width = head ? strlen(head) : 0;

	if (width < table->columns[c].least)
		width = table->columns[c].least;

	for (size_t row = 0; row < table->n_rows; row++) {
		const struct cell *cell = cell_at(table, row, c);

		if (!cell->text || is_wide(table, layout, cell, c))
			continue;
		char *text = most ? shortened(table, c, cell->text, most) : NULL;
		size_t columns = terminal_columns(text ? text : cell->text);

		free(text);
		if (columns > width)
			width = columns;
	}
	return width;
}

static size_t total_width(const struct table *table, const struct layout *layout)
{
	size_t total = 0;

	for (size_t c = 0; c < table->n_columns; c++)
		if (layout->shown[c])
			total += table->columns[c].gap + layout->width[c];
	return total;
}

static void width_set(const struct table *table, struct layout *layout, size_t c, size_t most)
{
	layout->width[c] = natural_width(table, layout, c, most);
}

/* Takes columns from the widest name until everything fits or no name has any to spare. */
static void shorten_names(const struct table *table, struct layout *layout, size_t limit)
{
	for (size_t total; (total = total_width(table, layout)) > limit;) {
		size_t widest = table->n_columns, second = NAME_LEAST;

		for (size_t c = 0; c < table->n_columns; c++) {
			if (!layout->shown[c] || !is_name(table, c))
				continue;
			if (widest == table->n_columns || layout->width[c] > layout->width[widest])
				widest = c;
		}
		if (widest == table->n_columns || layout->width[widest] <= NAME_LEAST)
			return;
		for (size_t c = 0; c < table->n_columns; c++)
			if (c != widest && layout->shown[c] && is_name(table, c) &&
			    layout->width[c] > second)
				second = layout->width[c];
		size_t excess = total - limit, width = layout->width[widest],
		       least = second < width ? second : width - 1;
		size_t most = excess < width - least ? width - excess : least;
		size_t before = width;

		width_set(table, layout, widest, most);
		/* What cannot be cut shorter (a line number) ends the search. */
		if (layout->width[widest] >= before)
			return;
	}
}

/* What names may keep of the room that they share with text: function and path need more than one. */
static size_t names_part(const struct table *table, size_t room)
{
	size_t names = 0;

	for (size_t c = 0; c < table->n_columns; c++)
		names += is_name(table, c);
	return names > 1 ? room * 3 / 4 : room / 2;
}

/* Gives the text column, the last one, what the names leave or need not have; false: too little. */
static bool fit_text(const struct table *table, struct layout *layout, size_t limit)
{
	size_t text = table->n_columns - 1, natural = layout->width[text], fixed, names;

	layout->width[text] = 0;
	fixed = names = 0;
	for (size_t c = 0; c < text; c++)
		if (layout->shown[c])
			*(is_name(table, c) ? &names : &fixed) += layout->width[c];
	fixed = total_width(table, layout) - names;
	size_t room = limit > fixed ? limit - fixed : 0;
	size_t enough = natural < TEXT_ENOUGH ? natural : TEXT_ENOUGH, share = names;

	if (room < names + enough)
		share = room > natural && room - natural > names_part(table, room)
				? room - natural
				: names_part(table, room);
	if (names > share && share)
		shorten_names(table, layout, fixed + share);
	names = total_width(table, layout) - fixed;
	size_t left = room > names ? room - names : 0;

	layout->width[text] = left < natural ? left : natural;
	return layout->width[text] >= (natural < TEXT_LEAST ? natural : TEXT_LEAST);
}

/* One name of a kilobyte must not pad the rows of all others to its length. */
static void let_names_jut_out(const struct table *table, struct layout *layout)
{
	layout->whole = true;
	for (size_t c = 0; c < table->n_columns; c++) {
		const char *head = table->columns[c].head;
		size_t width = head ? strlen(head) : 0;

		if (table->columns[c].kind != COLUMN_FUNCTION || layout->width[c] <= NAME_PADDED)
			continue;
		for (size_t row = 0; row < table->n_rows; row++) {
			const char *text = cell_at(table, row, c)->text;
			size_t columns = text ? terminal_columns(text) : 0;

			if (columns > width && columns <= NAME_PADDED)
				width = columns;
		}
		layout->width[c] = width;
	}
}

static void fit(const struct table *table, struct layout *layout)
{
	size_t last = table->n_columns - 1, limit = table->terminal->width;

	for (size_t c = 0; c <= last; c++)
		layout->shown[c] = true;
	for (size_t c = 0; c <= last; c++)
		width_set(table, layout, c, 0);
	if (!limit || table->full_names)
		let_names_jut_out(table, layout);
	if (!limit || total_width(table, layout) <= limit)
		return;
	if (table->columns[last].kind == COLUMN_TEXT) {
		struct layout full = *layout;

		if (!table->full_names && fit_text(table, layout, limit))
			return;
		*layout = full;
		layout->shown[last] = false;
		if (last)
			width_set(table, layout, last - 1, 0);
	}
	for (unsigned drop = 1; drop <= TABLE_COLUMNS_MAX; drop++)
		for (size_t c = 0; c <= last; c++)
			if (table->columns[c].drop == drop && total_width(table, layout) > limit)
				layout->shown[c] = false;
	if (!table->full_names)
		shorten_names(table, layout, limit);
}

static const char *const style_codes[] = {
	[STYLE_BOLD] = "1",   [STYLE_DIM] = "2", [STYLE_RED] = "31",
	[STYLE_GREEN] = "32", [STYLE_OWN] = "4",
};

void style_print(const struct terminal *terminal, enum style style, const char *text, FILE *out)
{
	if (terminal->colour && style != STYLE_PLAIN && *text)
		fprintf(out, "\033[%sm%s\033[0m", style_codes[style], text);
	else
		fputs(text, out);
}

static void cell_print(const struct table *table, const struct cell *cell, const char *text,
		       FILE *out)
{
	bool link = cell->link && table->terminal->colour;

	if (link)
		fprintf(out, "\033]8;;%s\033\\", cell->link);
	style_print(table->terminal, cell->style, text, out);
	if (link)
		fputs("\033]8;;\033\\", out);
}

/* Blanks are owed rather than printed, so that none stand at the end of the line. */
static void blanks_print(size_t *owed, FILE *out)
{
	for (; *owed; --*owed)
		fputc(' ', out);
}

static void row_print(const struct table *table, const struct layout *layout,
		      const struct cell *row, FILE *out)
{
	size_t owed = 0;

	for (size_t c = 0; c < table->n_columns; c++) {
		if (!layout->shown[c])
			continue;
		bool wide = is_wide(table, layout, &row[c], c),
		     right = table->columns[c].kind == COLUMN_NUMBER;
		char *text = wide	    ? xstrdup(row[c].wide)
			     : !row[c].text ? xstrdup("")
			     : layout->whole && table->columns[c].kind == COLUMN_FUNCTION
				     ? xstrdup(row[c].text)
				     : shortened(table, c, row[c].text, layout->width[c]);
		size_t columns = terminal_columns(text),
		       pad = layout->width[c] > columns ? layout->width[c] - columns : 0;
		size_t blanks = strspn(text, " "), end = strlen(text);

		while (end > blanks && text[end - 1] == ' ')
			end--;
		owed += table->columns[c].gap + (right ? pad : 0) + blanks;
		pad = (right ? 0 : pad) + strlen(text + end);
		text[end] = '\0';
		if (text[blanks]) {
			blanks_print(&owed, out);
			cell_print(table, &row[c], text + blanks, out);
		}
		owed += pad;
		free(text);
		if (wide)
			break;
	}
	fputc('\n', out);
}

static void heads_print(const struct table *table, const struct layout *layout, FILE *out)
{
	struct cell heads[TABLE_COLUMNS_MAX] = {0};
	char texts[TABLE_COLUMNS_MAX][64];
	bool any = false;

	for (size_t c = 0; c < table->n_columns; c++) {
		if (!table->columns[c].head)
			continue;
		snprintf(texts[c], sizeof texts[c], "%s", table->columns[c].head);
		heads[c].text = texts[c];
		any = true;
	}
	if (any)
		row_print(table, layout, heads, out);
}

void table_print(const struct table *table, FILE *out)
{
	struct layout layout = {0};

	fit(table, &layout);
	heads_print(table, &layout, out);
	for (size_t row = 0; row < table->n_rows; row++)
		row_print(table, &layout, cell_at(table, row, 0), out);
}
