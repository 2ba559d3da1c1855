// SPDX-License-Identifier: MIT
/*
 * JSON of RFC 8259, nothing more: no comments, no trailing commas, no leading zeros, no NaN.
 */
#include "json_read.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "utf8.h"

#define NESTING_MAX 64

struct json json_from(const char *text, size_t size, struct json *before)
{
	struct json json = {.at = text, .end = text + size};

	if (before) {
		json.text = before->text;
		json.text_cap = before->text_cap;
	}
	return json;
}

void json_release(struct json *json)
{
	free(json->text);
	json->text = NULL;
	json->text_cap = 0;
}

bool json_wrong(struct json *json, const char *at, const char *expected)
{
	if (!json->wrong) {
		json->wrong = expected;
		json->at = at;
	}
	return false;
}

static void skip_space(struct json *json)
{
	while (json->at < json->end &&
	       (*json->at == ' ' || *json->at == '\t' || *json->at == '\r' || *json->at == '\n'))
		json->at++;
}

bool json_is(struct json *json, char c)
{
	if (json->wrong)
		return false;
	skip_space(json);
	if (json->at == json->end || *json->at != c)
		return false;
	json->at++;
	return true;
}

bool json_take(struct json *json, char c, const char *expected)
{
	return json_is(json, c) || json_wrong(json, json->at, expected);
}

static bool is_digit(const struct json *json)
{
	return json->at < json->end && *json->at >= '0' && *json->at <= '9';
}

bool json_integer(struct json *json, uint64_t max, uint64_t *value, const char *expected)
{
	const char *begin;

	*value = 0;
	if (json->wrong)
		return false;
	skip_space(json);
	begin = json->at;
	if (!is_digit(json))
		return json_wrong(json, begin, expected);
	for (; is_digit(json); json->at++) {
		uint64_t digit = (uint64_t)(*json->at - '0');

		if (*value > (max - digit) / 10 || digit > max)
			return json_wrong(json, begin, expected);
		*value = *value * 10 + digit;
	}
	if ((*begin == '0' && json->at - begin > 1) ||
	    (json->at < json->end && (*json->at == '.' || *json->at == 'e' || *json->at == 'E')))
		return json_wrong(json, begin, expected);
	return true;
}

static bool hex4(struct json *json, uint32_t *code)
{
	*code = 0;
	if (json->end - json->at < 4)
		return false;
	for (unsigned i = 0; i < 4; i++) {
		char c = *json->at++;

		*code <<= 4;
		if (c >= '0' && c <= '9')
			*code |= (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*code |= (uint32_t)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			*code |= (uint32_t)(c - 'A' + 10);
		else
			return false;
	}
	return true;
}

/* The code point of an escape whose "\u" has been read, with its second half if it is of a pair. */
static bool read_code(struct json *json, uint32_t *code)
{
	uint32_t low;

	if (!hex4(json, code))
		return false;
	if (*code < 0xd800 || *code >= 0xdc00)
		return true;
	if (json->end - json->at < 6 || json->at[0] != '\\' || json->at[1] != 'u')
		return false;
	json->at += 2;
	if (!hex4(json, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	*code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

/* A code point as bytes; a lone surrogate is only allowed where it stands for a byte. */
static size_t put_code(uint32_t code, char *out)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return code != 0;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code >= 0xdc80 && code <= 0xdcff) {
		out[0] = (char)(code & 0xff);
		return 1;
	}
	if (code >= 0xd800 && code < 0xe000)
		return 0;
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* The escape whose backslash has been read, to OUT; how many bytes, 0 when it is none. */
static size_t read_escape(struct json *json, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint32_t code;

	if (json->at == json->end)
		return 0;
	char c = *json->at++;
	const char *found = memchr(from, c, sizeof from - 1);

	if (found) {
		*out = to[found - from];
		return 1;
	}
	return c == 'u' && read_code(json, &code) ? put_code(code, out) : 0;
}

/* One character as it stands; 0 when it may not stand in a string. */
static size_t read_plain(struct json *json, char *out)
{
	uint32_t code;
	size_t n;

	if ((unsigned char)*json->at < ' ')
		return 0;
	n = utf8_decode(json->at, (size_t)(json->end - json->at), &code);
	memcpy(out, json->at, n);
	json->at += n;
	return n;
}

bool json_text(struct json *json, const char **text, size_t *size, const char *expected)
{
	if (!json_take(json, '"', expected))
		return false;
	if ((size_t)(json->end - json->at) > json->text_cap || !json->text) {
		json->text_cap = (size_t)(json->end - json->at) * 2 + 64;
		json->text = xrealloc(json->text, json->text_cap);
	}
	*size = 0;
	while (json->at < json->end && *json->at != '"') {
		const char *begin = json->at;
		size_t n;

		if (*json->at == '\\') {
			json->at++;
			n = read_escape(json, json->text + *size);
		} else {
			n = read_plain(json, json->text + *size);
		}
		if (!n)
			return json_wrong(json, begin,
					  "characters that may stand in a name (UTF-8, no NUL, "
					  "control characters escaped)");
		*size += n;
	}
	*text = json->text;
	return json_take(json, '"', "a '\"' at the end of the string");
}

static bool skip_word(struct json *json, const char *word)
{
	size_t size = strlen(word);

	if ((size_t)(json->end - json->at) < size || memcmp(json->at, word, size) != 0)
		return false;
	json->at += size;
	return true;
}

static bool skip_digits(struct json *json)
{
	const char *begin = json->at;

	while (is_digit(json))
		json->at++;
	return json->at > begin;
}

static bool skip_number(struct json *json)
{
	const char *begin = json->at;

	skip_word(json, "-");
	if (!skip_word(json, "0") && !skip_digits(json))
		return json_wrong(json, begin, "a JSON value");
	if (skip_word(json, ".") && !skip_digits(json))
		return json_wrong(json, begin, "a number");
	if (skip_word(json, "e") || skip_word(json, "E")) {
		if (!skip_word(json, "+"))
			skip_word(json, "-");
		if (!skip_digits(json))
			return json_wrong(json, begin, "a number");
	}
	return true;
}

static bool skip_value(struct json *json, unsigned depth);

/* The elements of an array or the members of an object, whose bracket has been read. */
static bool skip_elements(struct json *json, char close, unsigned depth)
{
	const char *text;
	size_t size;

	if (json_is(json, close))
		return true;
	do {
		if (close == '}' &&
		    !(json_text(json, &text, &size, "a key") && json_take(json, ':', "':'")))
			return false;
		if (!skip_value(json, depth))
			return false;
	} while (json_is(json, ','));
	return json_take(json, close, close == '}' ? "',' or '}'" : "',' or ']'");
}

static bool skip_value(struct json *json, unsigned depth)
{
	const char *text;
	size_t size;

	if (!depth)
		return json_wrong(json, json->at, "less nesting");
	if (json_is(json, '{'))
		return skip_elements(json, '}', depth - 1);
	if (json_is(json, '['))
		return skip_elements(json, ']', depth - 1);
	if (json->wrong)
		return false;
	if (json->at < json->end && *json->at == '"')
		return json_text(json, &text, &size, "a string");
	return skip_word(json, "true") || skip_word(json, "false") || skip_word(json, "null") ||
	       skip_number(json);
}

bool json_skip(struct json *json)
{
	return skip_value(json, NESTING_MAX);
}
