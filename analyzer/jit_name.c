// SPDX-License-Identifier: MIT
/*
 * Functions and files may hold blanks and colons, so what is between them is a guess: a file begins
 * with a slash or a scheme, behind a blank; a line is a number at the end, maybe with a column.
 */
#include "jit_name.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

/* Not NUL-terminated. */
struct span {
	const char *at;
	size_t n;
};

static char *text_of(struct span span)
{
	char *text = xmalloc(span.n + 1);

	if (span.n)
		memcpy(text, span.at, span.n);
	text[span.n] = '\0';
	return text;
}

static bool take_prefix(struct span *span, const char *prefix)
{
	size_t n = strlen(prefix);

	if (span->n < n || memcmp(span->at, prefix, n) != 0)
		return false;
	span->at += n;
	span->n -= n;
	return true;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* file:///a%20b.js is /a b.js; other schemes stay as they are. */
static char *file_of(struct span span)
{
	bool is_url = span.n > 8 && memcmp(span.at, "file:///", 8) == 0;

	if (is_url)
		span = (struct span){span.at + 7, span.n - 7};
	char *text = text_of(span), *to = text;

	for (const char *from = text; is_url && *from; from++) {
		int high = from[0] == '%' ? hex_digit(from[1]) : -1;
		int low = high >= 0 ? hex_digit(from[2]) : -1;

		if (low >= 0 && (high || low)) {
			*to++ = (char)(high << 4 | low);
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	if (is_url)
		*to = '\0';
	return text;
}

/* Takes ":NUMBER" off the end. */
static bool take_number(struct span *span, uint32_t *number)
{
	size_t at = span->n;
	uint64_t value = 0, unit = 1;

	for (; at && span->at[at - 1] >= '0' && span->at[at - 1] <= '9'; at--) {
		value += unit <= UINT32_MAX ? unit * (uint64_t)(span->at[at - 1] - '0') : 0;
		unit *= unit <= UINT32_MAX ? 10 : 1;
	}
	if (at == span->n || at < 2 || span->at[at - 1] != ':')
		return false;
	*number = value <= UINT32_MAX ? (uint32_t)value : 0;
	span->n = at - 1;
	return true;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "/path", "node:fs" */
static bool is_start_of_file(struct span span)
{
	size_t i = 0;

	if (span.n && span.at[0] == '/')
		return true;
	while (i < span.n && (is_letter(span.at[i]) || span.at[i] == '-'))
		i++;
	return i > 1 && i + 1 < span.n && span.at[i] == ':' && is_letter(span.at[0]);
}

/* The number of bytes before the blank that a file follows; SIZE_MAX: there is none. */
static size_t find_file(struct span span, bool has_line)
{
	size_t last = SIZE_MAX;

	for (size_t i = 0; i < span.n; i++) {
		struct span rest = {span.at + i + 1, span.n - i - 1};

		if (span.at[i] != ' ')
			continue;
		if (is_start_of_file(rest))
			return i;
		last = i;
	}
	return has_line ? last : SIZE_MAX;
}

/* V8 writes how far a function is compiled before its name: ~ ^ + * and ' for a context. */
static void skip_tier(struct span *span)
{
	if (!span->n || !memchr("~^+*-", span->at[0], 5))
		return;
	take_prefix(span, (char[]){span->at[0], '\0'});
	take_prefix(span, "'");
}

static bool is_of_v8(struct span *span)
{
	static const char *const kinds[] = {
		"JS:",	   "LazyCompile:",    "Function:",	    "Eval:",
		"Script:", "NativeFunction:", "NativeLazyCompile:", "NativeScript:",
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (take_prefix(span, kinds[i]))
			return true;
	return false;
}

static struct jit_name split_v8(struct span span)
{
	struct jit_name name = {0};
	uint32_t column = 0;

	skip_tier(&span);
	bool has_line = take_number(&span, &column);

	if (has_line && !take_number(&span, &name.line))
		name.line = column;
	size_t n = find_file(span, has_line);

	if (n == SIZE_MAX) {
		name.line = 0;
		n = span.n;
	} else {
		name.file = file_of((struct span){span.at + n + 1, span.n - n - 1});
	}
	name.function = n ? text_of((struct span){span.at, n}) : xstrdup("(anonymous)");
	return name;
}

static struct jit_name split_python(struct span span)
{
	const char *colon = span.n ? memchr(span.at, ':', span.n) : NULL;
	size_t n = colon ? (size_t)(colon - span.at) : span.n;
	struct jit_name name = {.function = text_of((struct span){span.at, n})};

	if (n + 1 < span.n)
		name.file = text_of((struct span){colon + 1, span.n - n - 1});
	return name;
}

struct jit_name jit_name_split(const char *text, size_t size)
{
	struct span span = {text, size < JIT_NAME_MAX ? size : JIT_NAME_MAX};

	span.n = strnlen(text, span.n);
	if (is_of_v8(&span))
		return split_v8(span);
	if (take_prefix(&span, "py::"))
		return split_python(span);
	return (struct jit_name){.function = text_of(span)};
}

void jit_name_release(struct jit_name *name)
{
	free(name->function);
	free(name->file);
	*name = (struct jit_name){0};
}
