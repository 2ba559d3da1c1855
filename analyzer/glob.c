// SPDX-License-Identifier: MIT
/*
 * tracemalloc's file-name patterns: those of Python's fnmatch, character by character (a character
 * is a code point, or a byte that is not UTF-8). fnmatch(3) differs: '^' negates, '\' escapes,
 * there are classes. Python's translation into a regular expression has one surprise, which is
 * kept: an empty range disappears, so that `[z-a!b]` becomes `[!b]`.
 */
#include <string.h>

#include "filter.h"
#include "utf8.h"

struct cursor {
	const char *at, *end;
};

/* The next character; bytes that are not UTF-8 are numbered as by surrogateescape. */
static uint32_t next(struct cursor *c)
{
	uint32_t code;
	size_t size = utf8_decode(c->at, (size_t)(c->end - c->at), &code);

	if (!size) {
		code = 0xdc00 + (unsigned char)*c->at;
		size = 1;
	}
	c->at += size;
	return code;
}

static bool done(const struct cursor *c)
{
	return c->at == c->end;
}

/* The ']' that closes the set whose '[' has just been read, or NULL. */
static const char *set_end(const struct cursor *pattern)
{
	const char *at = pattern->at;

	if (at < pattern->end && *at == '!')
		at++;
	if (at < pattern->end && *at == ']')
		at++;
	return memchr(at, ']', (size_t)(pattern->end - at));
}

/* One item of a set: low to high, or one character. False when it is a range that holds nothing. */
static bool next_item(struct cursor *set, uint32_t *low, uint32_t *high)
{
	*low = *high = next(set);
	if (set->end - set->at >= 2 && *set->at == '-') {
		set->at++;
		*high = next(set);
	}
	return *low <= *high;
}

static bool set_holds(struct cursor set, uint32_t code)
{
	bool negated = !done(&set) && *set.at == '!', first = !negated, found = false;
	uint32_t low, high;

	if (negated)
		set.at++;
	while (!done(&set)) {
		if (!next_item(&set, &low, &high))
			continue;
		if (first && low == '!') {
			negated = true;
			found |= low != high && (code == '-' || code == high);
		} else {
			found |= code >= low && code <= high;
		}
		first = false;
	}
	return found != negated;
}

/* Whether the pattern's next element takes the name's next character; both move on. */
static bool match_one(struct cursor *pattern, struct cursor *name)
{
	uint32_t wanted = next(pattern), code = next(name);

	if (wanted == '?')
		return true;
	const char *end = wanted == '[' ? set_end(pattern) : NULL;

	if (!end)
		return wanted == code;
	struct cursor set = {pattern->at, end};

	pattern->at = end + 1;
	return set_holds(set, code);
}

/*
 * Greedy with one point to come back to: the last '*' can always stand for what the ones before
 * did.
 */
static bool match(struct cursor pattern, struct cursor name)
{
	struct cursor pattern_again = {NULL, NULL}, name_again = name;

	for (;;) {
		if (!done(&pattern) && *pattern.at == '*') {
			pattern.at++;
			pattern_again = pattern;
			name_again = name;
			continue;
		}
		if (done(&name) && done(&pattern))
			return true;
		if (!done(&name) && !done(&pattern) && match_one(&pattern, &name))
			continue;
		if (!pattern_again.at || done(&name_again))
			return false;
		next(&name_again);
		pattern = pattern_again;
		name = name_again;
	}
}

size_t glob_normal_size(const char *text, size_t size)
{
	return size >= 4 && memcmp(text + size - 4, ".pyc", 4) == 0 ? size - 1 : size;
}

bool glob_match(const char *pattern, size_t pattern_size, const char *name, size_t name_size)
{
	struct cursor p = {pattern, pattern + glob_normal_size(pattern, pattern_size)};
	struct cursor n = {name, name + glob_normal_size(name, name_size)};

	return match(p, n);
}
