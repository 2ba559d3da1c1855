// SPDX-License-Identifier: MIT
/*
 * Filters from the text of --filter and --domain-filter.
 */
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "filter.h"

#define FILTER_FORM "include|exclude[,lineno=N][,all-frames][,domain=D],pattern=GLOB"

/* Moves *AT behind WORD if it stands there. */
static bool skip(const char **at, const char *word)
{
	size_t size = strlen(word);

	if (strncmp(*at, word, size) != 0)
		return false;
	*at += size;
	return true;
}

/* A number of 32 bits up to a ',' or the end; moves *AT behind it. */
static bool read_number(const char **at, uint32_t *number)
{
	uint64_t value = 0;
	const char *begin = *at;

	for (; **at >= '0' && **at <= '9'; ++*at) {
		value = value * 10 + (uint64_t)(**at - '0');
		if (value > UINT32_MAX)
			return false;
	}
	*number = (uint32_t)value;
	return *at != begin && (!**at || **at == ',');
}

static bool read_polarity(const char **at, bool *inclusive)
{
	*inclusive = skip(at, "include");
	return (*inclusive || skip(at, "exclude")) && (!**at || **at == ',');
}

static char *said_twice(const char *part, int size, const char *rule)
{
	return xasprintf("'%s': '%.*s' stands twice: expected each part once", rule, size, part);
}

/* One of the parts between commas; NULL, or what is wrong. */
static char *read_part(struct filter *filter, const char **at, const char *rule)
{
	const char *part = *at;
	int size = (int)strcspn(part, ",");

	if (skip(at, "pattern=")) {
		filter->pattern = xstrndup(*at, glob_normal_size(*at, strlen(*at)));
		*at += strlen(*at);
		return NULL;
	}
	if (skip(at, "lineno=")) {
		if (!filter->any_line)
			return said_twice(part, size, rule);
		filter->any_line = false;
		return read_number(at, &filter->line)
			       ? NULL
			       : xasprintf(
					 "'%s': '%.*s' is no line: expected lineno=0 to lineno=%u",
					 rule, size, part, UINT32_MAX);
	}
	if (skip(at, "domain=")) {
		if (!filter->any_domain)
			return said_twice(part, size, rule);
		filter->any_domain = false;
		return read_number(at, &filter->domain)
			       ? NULL
			       : xasprintf("'%s': '%.*s' is no domain: expected domain=0 to "
					   "domain=%u",
					   rule, size, part, UINT32_MAX);
	}
	if (skip(at, "all-frames") && (!**at || **at == ',')) {
		if (filter->all_frames)
			return said_twice(part, size, rule);
		filter->all_frames = true;
		return NULL;
	}
	return xasprintf("'%s': '%.*s' is no part of a filter: expected " FILTER_FORM, rule, size,
			 part);
}

char *filter_parse(struct filter *filter, const char *rule)
{
	const char *at = rule;
	char *wrong = NULL;

	*filter = (struct filter){.any_line = true, .any_domain = true};
	if (!read_polarity(&at, &filter->inclusive))
		return xasprintf("'%s' is no filter: expected " FILTER_FORM, rule);
	while (!wrong && !filter->pattern && *at == ',') {
		at++;
		wrong = read_part(filter, &at, rule);
	}
	if (!wrong && !filter->pattern)
		wrong = xasprintf("'%s' has no pattern: expected " FILTER_FORM, rule);
	if (wrong)
		filter_release(filter);
	return wrong;
}

char *filter_parse_domain(struct filter *filter, const char *rule)
{
	const char *at = rule;

	*filter = (struct filter){.domain_only = true, .any_line = true};
	if (read_polarity(&at, &filter->inclusive) && skip(&at, ",") &&
	    read_number(&at, &filter->domain) && !*at)
		return NULL;
	return xasprintf("'%s' is no domain filter: expected include|exclude,D with D from 0 to %u",
			 rule, UINT32_MAX);
}

void filter_release(struct filter *filter)
{
	free(filter->pattern);
	filter->pattern = NULL;
}
