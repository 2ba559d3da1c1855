// SPDX-License-Identifier: MIT
/*
 * The rules of --filter and --domain-filter, and their patterns: lines, of which the first is a
 * rule and the others are names. A rule is refused with its text, or its pattern matches each name
 * just if a table of all prefixes says so.
 */
#include <stdlib.h>
#include <string.h>

#include "analyzer/filter.h"

#define ELEMENTS_MOST 200 /* of a pattern or a name that is compared */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct piece {
	const char *at;
	size_t size;
};

/* A set is closed by the first ']' that is not its first member. */
static size_t set_size(const char *at, size_t size)
{
	size_t from = 1 + (size > 1 && at[1] == '!');
	const char *end = from + 1 < size ? memchr(at + from + 1, ']', size - from - 1) : NULL;

	return end ? (size_t)(end - at) + 1 : 1;
}

/* Characters are bytes then. */
static bool is_ascii(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((uint8_t)text[i] >= 0x80)
			return false;
	return true;
}

/* How many pieces, or more than ELEMENTS_MOST. */
static size_t split(const char *text, size_t size, bool pattern, struct piece *pieces)
{
	size_t n = 0;

	for (size_t length; size && n < ELEMENTS_MOST; text += length, size -= length) {
		length = pattern && *text == '[' ? set_size(text, size) : 1;
		pieces[n++] = (struct piece){text, length};
	}
	return size ? ELEMENTS_MOST + 1 : n;
}

/* Row by row of the pattern: whether its pieces so far match the first J of the name. */
static bool matches_by_table(const struct piece *pattern, size_t n_pattern,
			     const struct piece *name, size_t n_name)
{
	bool row[ELEMENTS_MOST + 1] = {true};

	for (size_t i = 0; i < n_pattern; i++) {
		bool star = *pattern[i].at == '*', before = row[0];

		row[0] = before && star;
		for (size_t j = 1; j <= n_name; j++) {
			bool above = row[j];

			row[j] = star ? above || row[j - 1]
				      : before && glob_match(pattern[i].at, pattern[i].size,
							     name[j - 1].at, name[j - 1].size);
			before = above;
		}
	}
	return row[n_name];
}

static void check_name(const char *pattern, const char *name, size_t size)
{
	static struct piece pieces[ELEMENTS_MOST], characters[ELEMENTS_MOST];
	bool matches = glob_match(pattern, strlen(pattern), name, size);

	size = glob_normal_size(name, size);
	size_t normal = glob_normal_size(pattern, strlen(pattern)),
	       n_pieces = split(pattern, normal, true, pieces),
	       n_characters = split(name, size, false, characters);

	if (n_pieces > ELEMENTS_MOST || n_characters > ELEMENTS_MOST ||
	    !is_ascii(pattern, normal) || !is_ascii(name, size))
		return;
	if (matches_by_table(pieces, n_pieces, characters, n_characters) != matches)
		abort();
}

static void check_rule(char *(*parse)(struct filter *, const char *), const char *rule,
		       const char *names, const char *end)
{
	struct filter filter;
	char *wrong = parse(&filter, rule);

	if (wrong ? !strstr(wrong, rule) : !filter.pattern != filter.domain_only)
		abort();
	if (wrong) {
		free(wrong);
		return;
	}
	while (filter.pattern && names < end) {
		const char *line = memchr(names, '\n', (size_t)(end - names));

		line = line ? line : end;
		check_name(filter.pattern, names, (size_t)(line - names));
		names = line + 1;
	}
	filter_release(&filter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *end = text + size;

	memcpy(text, data, size);
	*end = '\0';
	size_t length = strcspn(text, "\n");
	const char *names = length < size ? text + length + 1 : end;

	text[length] = '\0';
	check_rule(filter_parse, text, names, end);
	check_rule(filter_parse_domain, text, names, end);
	free(text);
	return 0;
}
