// SPDX-License-Identifier: MIT
/*
 * Shortening, by whole folders and whole argument lists as long as that is enough.
 */
#include "shorten.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

static char *join(const char *a, const char *b)
{
	return xasprintf("%s%s", a, b);
}

char *shorten_text(const struct terminal *terminal, const char *text, size_t columns)
{
	const char *dots = terminal_ellipsis(terminal);
	size_t room = terminal_columns(dots);

	if (terminal_columns(text) <= columns)
		return xstrdup(text);
	size_t keep = terminal_fit(text, columns > room ? columns - room : 0);

	while (keep && text[keep - 1] == ' ')
		keep--;
	return xasprintf("%.*s%s", (int)keep, text, dots);
}

/* The end of TEXT that takes so many columns, but never less than from KEEP on. */
static const char *tail(const char *text, size_t columns, const char *keep)
{
	while (text < keep && terminal_columns(text) > columns)
		text += terminal_fit(text, 1) ? terminal_fit(text, 1) : terminal_fit(text, 2);
	return text;
}

char *shorten_path(const struct terminal *terminal, const char *path, size_t columns)
{
	const char *dots = terminal_ellipsis(terminal), *line = strrchr(path, ':'), *slash = path;
	size_t room = columns > terminal_columns(dots) ? columns - terminal_columns(dots) : 0;

	if (terminal_columns(path) <= columns)
		return xstrdup(path);
	while ((slash = strchr(slash + 1, '/')))
		if (slash[1] && terminal_columns(slash) <= room)
			return join(dots, slash);
	if (!line)
		line = path + strlen(path);
	return join(dots, tail(path, room, line));
}

/* Where the bracket that opens at AT closes, or NULL. An arrow is no bracket. */
static const char *closing(const char *at, char open, char close)
{
	size_t depth = 0;

	for (const char *begin = at; *at; at++) {
		if (*at == open)
			depth++;
		else if (*at == close && at > begin && !(close == '>' && at[-1] == '-') && !--depth)
			return at;
	}
	return NULL;
}

/* operator<, operator<<, operator(): their brackets are their names. */
static bool is_operator(const char *name, const char *at)
{
	while (at > name && (at[-1] == *at || at[-1] == ' '))
		at--;
	return at - name >= 8 && memcmp(at - 8, "operator", 8) == 0;
}

/* Replaces what stands in the outermost brackets of one kind. */
static char *without(const struct terminal *terminal, const char *name, char open, char close)
{
	const char *dots = terminal_ellipsis(terminal);
	char *text = xmalloc(strlen(name) * (strlen(dots) + 1) + 1), *to = text;

	for (const char *at = name; *at;) {
		const char *end =
			*at == open && !is_operator(name, at) ? closing(at, open, close) : NULL;

		*to++ = *at++;
		if (!end || end == at || strncmp(at, "anonymous namespace", 19) == 0)
			continue;
		to = stpcpy(to, dots);
		at = end;
	}
	*to = '\0';
	return text;
}

/* Drops scopes from the left: "…::insert". NULL when even the last name is too long. */
static char *without_scopes(const struct terminal *terminal, const char *name, size_t columns)
{
	const char *dots = terminal_ellipsis(terminal), *scope = name;
	size_t room = columns > terminal_columns(dots) ? columns - terminal_columns(dots) : 0;

	while ((scope = strstr(scope + 1, "::")))
		if (terminal_columns(scope) <= room)
			return join(dots, scope);
	return NULL;
}

char *shorten_function(const struct terminal *terminal, const char *function, size_t columns)
{
	if (terminal_columns(function) <= columns)
		return xstrdup(function);
	char *bare = without(terminal, function, '<', '>'), *name = NULL, *shorter = NULL;

	if (terminal_columns(bare) <= columns)
		return bare;
	name = without(terminal, bare, '(', ')');
	shorter = terminal_columns(name) <= columns ? xstrdup(name)
						    : without_scopes(terminal, name, columns);
	if (!shorter)
		shorter = shorten_text(terminal, name, columns);
	free(bare);
	free(name);
	return shorter;
}
