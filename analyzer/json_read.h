// SPDX-License-Identifier: MIT
/*
 * A strict JSON reader for values whose form is known: the caller asks for what must come next.
 *
 * The first thing that is not as asked for sets `wrong` to what was expected; from then on every
 * call returns false and nothing moves, so that a caller may check once at the end.
 */
#ifndef ANALYZER_JSON_READ_H
#define ANALYZER_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
	const char *at, *end;
	const char *wrong; /* NULL, or what was expected at `at` */
	char *text;	   /* buffer of json_text */
	size_t text_cap;
};

struct json json_from(const char *text, size_t size, struct json *before);
void json_release(struct json *json);

/* Says what was expected at AT, unless something has been wrong before. Returns false. */
bool json_wrong(struct json *json, const char *at, const char *expected);

/* The next character that is no white space is C; it is skipped. */
bool json_take(struct json *json, char c, const char *expected);
/* The same, but nothing is wrong when it is another one. */
bool json_is(struct json *json, char c);

/* An integer from 0 to MAX without fraction or exponent. */
bool json_integer(struct json *json, uint64_t max, uint64_t *value, const char *expected);

/*
 * A string, decoded into a buffer that lasts until the next call: "\udcNN" is the byte NN (Python's
 * surrogateescape). Strings that are not UTF-8 or hold a NUL are wrong.
 */
bool json_text(struct json *json, const char **text, size_t *size, const char *expected);

/* Any value. */
bool json_skip(struct json *json);

#endif
