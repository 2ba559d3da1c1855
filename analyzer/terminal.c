// SPDX-License-Identifier: MIT
/*
 * Widths, characters and bars of the terminal.
 *
 * Its surprise: the characters are decoded here and only their widths come from the C library, so
 * that text which the locale cannot decode still lines up.
 */
#include "terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "die.h"
#include "utf8.h"

#define WIDTH_LEAST 20 /* narrower ones are taken as this: numbers are never cut */
#define WIDTH_MOST 10000

static size_t width_find(int fd)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	unsigned long width = 0;
	char *end = NULL;

	if (fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
		width = size.ws_col;
	else if (columns && *columns >= '0' && *columns <= '9') {
		width = strtoul(columns, &end, 10);
		if (*end || width > WIDTH_MOST)
			width = 0;
	}
	return width && width < WIDTH_LEAST ? WIDTH_LEAST : width;
}

static bool colour_wanted(int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return fd >= 0 && isatty(fd) && !(no_color && *no_color) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

void terminal_find(struct terminal *terminal, FILE *out, enum colour_when colour)
{
	int fd = fileno(out);

	*terminal = (struct terminal){
		.width = width_find(fd),
		.utf8 = terminal_locale_utf8(),
		.colour = colour == COLOUR_ALWAYS || (colour == COLOUR_AUTO && colour_wanted(fd)),
	};
}

const char *terminal_ellipsis(const struct terminal *terminal)
{
	return terminal->utf8 ? "…" : "...";
}

/* Characters that move the cursor, reorder the line or show nothing at all would let a name lie. */
static bool is_shown(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{0xad, 0xad},	  /* soft hyphen */
		{0x61c, 0x61c},	  /* Arabic letter mark */
		{0x115f, 0x1160}, /* Hangul fillers, as 3164 and ffa0 */
		{0x180e, 0x180e}, /* Mongolian vowel separator */
		{0x200b, 0x200f}, /* of no width; marks of direction */
		{0x2028, 0x202e}, /* separators, embeddings and overrides */
		{0x2060, 0x206f}, /* joiners, isolates */
		{0x3164, 0x3164},   {0xfeff, 0xfeff},
		{0xffa0, 0xffa0},   {0xfff9, 0xfffb}, /* annotations */
		{0xe0000, 0xe0fff},		      /* tags */
	};

	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return false;
	return wcwidth((wchar_t)code) >= 0;
}

size_t terminal_safe_next(bool utf8, const char *text, size_t size, char safe[TERMINAL_SAFE_MOST])
{
	uint32_t code;
	size_t n = utf8_decode(text, size, &code);
	bool plain = n == 1 ? code >= ' ' && code != 0x7f : n && utf8 && is_shown(code);

	n += !n;
	for (size_t i = 0; !plain && i < n; i++)
		sprintf(safe + 4 * i, "\\x%02x", (unsigned char)text[i]);
	if (plain) {
		memcpy(safe, text, n);
		safe[n] = '\0';
	}
	return n;
}

bool terminal_locale_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

char *terminal_safe(const struct terminal *terminal, const char *text, size_t size)
{
	char *safe = xmalloc(4 * size + TERMINAL_SAFE_MOST), *at = safe;

	*at = '\0';
	for (size_t n; size; text += n, size -= n) {
		n = terminal_safe_next(terminal->utf8, text, size, at);
		at += strlen(at);
	}
	return safe;
}

static size_t step(const char *safe, size_t size, size_t *width)
{
	uint32_t code;
	size_t n = utf8_decode(safe, size, &code);
	int columns = n > 1 ? wcwidth((wchar_t)code) : 1;

	*width = columns < 0 ? 1 : (size_t)columns;
	return n ? n : 1;
}

size_t terminal_columns(const char *safe)
{
	size_t columns = 0, width;

	for (size_t size = strlen(safe), n; size; safe += n, size -= n) {
		n = step(safe, size, &width);
		columns += width;
	}
	return columns;
}

size_t terminal_fit(const char *safe, size_t columns)
{
	size_t size = strlen(safe), at = 0, width;

	while (at < size) {
		size_t n = step(safe + at, size - at, &width);

		if (width > columns)
			break;
		columns -= width;
		at += n;
	}
	return at;
}

static char *bar_text(const char *const *parts, size_t full, size_t part, size_t width, bool left)
{
	char *bar = xmalloc(4 * width + 1), *at = bar;
	size_t blank = width - full - !!part;

	for (size_t i = 0; left && i < blank; i++)
		*at++ = ' ';
	if (left)
		at = stpcpy(at, parts[part]);
	for (size_t i = 0; i < full; i++)
		at = stpcpy(at, parts[8]);
	if (!left)
		at = stpcpy(at, parts[part]);
	for (size_t i = 0; !left && i < blank; i++)
		*at++ = ' ';
	*at = '\0';
	return bar;
}

char *terminal_bar(const struct terminal *terminal, uint64_t value, uint64_t most, size_t width,
		   bool left)
{
	static const char *const blocks[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
	static const char *const halves[] = {"", "", "", "", "▐", "", "", "", "█"};
	static const char *const hashes[] = {"", "", "", "", "", "", "", "", "#"};
	unsigned steps = !terminal->utf8 ? 1 : left ? 2 : 8; /* that a column is divided in */
	double length = most ? (double)value / (double)most : 0;
	size_t filled = (size_t)((length > 1 ? 1 : length) * (double)(width * steps) + 0.5);

	return bar_text(!terminal->utf8 ? hashes
			: left		? halves
					: blocks,
			filled / steps, filled % steps * (8 / steps), width, left);
}
