// SPDX-License-Identifier: MIT
/*
 * Columns and rows of text: collect the cells, then print them as wide as the terminal is.
 *
 * When they do not fit, text (source lines) is cut and then left out, columns with a `drop` go in
 * that order, and at last names are shortened; numbers never are.
 */
#ifndef ANALYZER_TABLE_H
#define ANALYZER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "terminal.h"

enum column_kind {
	COLUMN_NUMBER,	 /* aligned right, never cut */
	COLUMN_BAR,	 /* as it is */
	COLUMN_PATH,	 /* shortened from the left */
	COLUMN_FUNCTION, /* template arguments go first */
	COLUMN_TEXT,	 /* cut at the end; there is one at most, the last one */
};

enum style {
	STYLE_PLAIN,
	STYLE_BOLD,
	STYLE_DIM,
	STYLE_RED,
	STYLE_GREEN,
	STYLE_OWN, /* underlined */
};

struct column {
	const char *head; /* NULL: none */
	enum column_kind kind;
	unsigned gap;  /* blanks before it */
	unsigned drop; /* 1 leaves first when it gets narrow, 0 never */
	size_t least;  /* columns it takes at least */
};

struct cell {
	char *text; /* safe; owned by the table; NULL: blank */
	char *link; /* URL or NULL; owned */
	/* Text that goes on over the columns to the right of it, which are blank in this row, or if
	 * the column after it is not shown. Not counted for the width of its column. */
	char *wide;
	enum style style;
};

#define TABLE_COLUMNS_MAX 12

struct table {
	const struct terminal *terminal;
	struct column columns[TABLE_COLUMNS_MAX];
	size_t n_columns;
	struct cell *cells; /* n_rows * n_columns */
	size_t n_rows, cap;
	bool full_names; /* never shorten */
};

void table_init(struct table *table, const struct terminal *terminal);
/* A new column, for the caller to change the rest of; valid until the next one. */
struct column *table_column(struct table *table, const char *head, enum column_kind kind,
			    unsigned gap);
/* A new row; returns its cells, valid until the next row. */
struct cell *table_row(struct table *table);
/* Prints the heads, if there are any, and the rows. */
void table_print(const struct table *table, FILE *out);
void table_release(struct table *table);

/* TEXT between the codes of a style, if the terminal has colour. */
void style_print(const struct terminal *terminal, enum style style, const char *text, FILE *out);

#endif
