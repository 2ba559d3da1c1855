// SPDX-License-Identifier: MIT
/*
 * One line of text built in place: paths and messages, without stdio and without allocation.
 */
#ifndef PRELOAD_LINE_H
#define PRELOAD_LINE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line {
	char text[PATH_MAX + 256]; /* always NUL-terminated */
	size_t size;
	bool cut; /* something did not fit */
};

void line_clear(struct line *line);
void line_add(struct line *line, const char *text);
void line_add_bytes(struct line *line, const char *text, size_t size);
void line_add_number(struct line *line, uint64_t number);
/* With commas between the thousands, for people. */
void line_add_count(struct line *line, uint64_t count);

/*
 * Writes "tmtrace: ", the line and a newline to stderr in one call; nothing where that would wait or
 * cannot be.
 */
void line_say(const struct line *line);

/* The reason of a negative errno in words, or "error N". */
void line_add_error(struct line *line, long negative_errno);

#endif
