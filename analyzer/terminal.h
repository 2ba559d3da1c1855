// SPDX-License-Identifier: MIT
/*
 * What the place that a table goes to can show: width, character set, colour, links.
 */
#ifndef ANALYZER_TERMINAL_H
#define ANALYZER_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum colour_when { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct terminal {
	size_t width; /* columns; 0 = unlimited, as into a file or a pipe */
	bool utf8;
	bool colour;
};

/* Looks at where OUT goes, at COLUMNS, NO_COLOR and TERM, and at the locale (LC_CTYPE is set by main). */
void terminal_find(struct terminal *terminal, FILE *out, enum colour_when colour);

bool terminal_locale_utf8(void);

/* "…" or "..." */
const char *terminal_ellipsis(const struct terminal *terminal);

/*
 * TEXT as it may be printed: control characters, those that reorder text or cannot be seen, bytes
 * that are no UTF-8, and in other locales all that is not ASCII, become \xNN. For the caller to free.
 */
char *terminal_safe(const struct terminal *terminal, const char *text, size_t size);

/* The same of its first character, with a NUL behind it; returns the size that it has in TEXT. */
#define TERMINAL_SAFE_MOST 17
size_t terminal_safe_next(bool utf8, const char *text, size_t size, char safe[TERMINAL_SAFE_MOST]);

/* Columns that safe text takes. */
size_t terminal_columns(const char *safe);
/* Bytes of SAFE that fit in so many columns. */
size_t terminal_fit(const char *safe, size_t columns);

/*
 * A bar of VALUE / MOST of WIDTH columns, to the eighth where the locale can; `left` grows from
 * right to left (to the half). Padded to WIDTH. For the caller to free.
 */
char *terminal_bar(const struct terminal *terminal, uint64_t value, uint64_t most, size_t width,
		   bool left);

#endif
