// SPDX-License-Identifier: MIT
/*
 * What each option takes and does to the query.
 */
#include "option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "debuginfod.h"
#include "die.h"

#define WAIT_MOST 1000000 /* seconds, 11 days */

const char *const query_format_names[FORMAT_END] = {
	[FORMAT_TABLE] = "table", [FORMAT_PLAIN] = "plain", [FORMAT_TRACEBACK] = "traceback",
	[FORMAT_JSON] = "json",	  [FORMAT_CSV] = "csv",	    [FORMAT_JSONL] = "jsonl",
};

static void list_add(struct text_list *list, const char *text)
{
	if (list->n == list->cap) {
		list->cap = list->cap ? 2 * list->cap : 4;
		list->item = xreallocarray(list->item, list->cap, sizeof *list->item);
	}
	list->item[list->n++] = text;
}

char *option_alternatives(const char *const *names, size_t n, unsigned bits)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < n; i++) {
		if (!(bits >> i & 1))
			continue;
		const char *between = !*text ? "" : bits >> (i + 1) ? ", " : " or ";
		char *longer = xasprintf("%s%s%s", text, between, names[i]);

		free(text);
		text = longer;
	}
	return text;
}

/* A decimal number in [least, most], which RANGE says in words; dies otherwise. */
static uint64_t number(const char *option, const char *text, uint64_t least, uint64_t most,
		       const char *range)
{
	char *end;

	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || errno || value < least || value > most)
		die_usage("%s wants a number %s, not '%s'", option, range, text);
	return value;
}

static void take_key(struct query *query, const char *argument)
{
	for (unsigned key = 0; key < GROUP_KEY_END; key++) {
		if (strcmp(argument, group_key_names[key]) == 0) {
			query->key = (enum group_key)key;
			return;
		}
	}
	char *keys = option_alternatives(group_key_names, GROUP_KEY_END, (1u << GROUP_KEY_END) - 1);

	die_usage("--group-by: no key '%s'; the keys are %s", argument, keys);
}

static void take_cumulative(struct query *query, const char *argument)
{
	(void)argument;
	query->cumulative = true;
}

static void take_limit(struct query *query, const char *argument)
{
	query->limit = number("--limit", argument, 0, UINT64_MAX, "from 0");
	if (!query->limit)
		query->limit = UINT64_MAX;
}

static void filter_add(struct query *query, const char *option, const char *rule,
		       char *(*parse)(struct filter *, const char *))
{
	query->filters =
		xreallocarray(query->filters, query->n_filters + 1, sizeof *query->filters);
	char *message = parse(&query->filters[query->n_filters], rule);

	if (message)
		die_usage("%s: %s", option, message);
	query->n_filters++;
}

static void take_filter(struct query *query, const char *argument)
{
	filter_add(query, "--filter", argument, filter_parse);
}

static void take_domain_filter(struct query *query, const char *argument)
{
	filter_add(query, "--domain-filter", argument, filter_parse_domain);
}

static void take_frames(struct query *query, const char *argument)
{
	char *end;

	errno = 0;
	query->frames = strtoll(argument, &end, 10);
	if (!strchr("-0123456789", *argument) || end == argument || *end || errno)
		die_usage("--frames wants a whole number, not '%s'", argument);
}

static void take_most_recent_first(struct query *query, const char *argument)
{
	(void)argument;
	query->most_recent_first = true;
}

static void take_format(struct query *query, const char *argument)
{
	unsigned formats = query->command->formats;

	for (unsigned format = 0; format < FORMAT_END; format++) {
		if ((formats >> format & 1) && strcmp(argument, query_format_names[format]) == 0) {
			query->format = (enum query_format)format;
			return;
		}
	}
	die_usage("%s: no format '%s'; it writes %s", query->command->name, argument,
		  option_alternatives(query_format_names, FORMAT_END, formats));
}

static void take_output(struct query *query, const char *argument)
{
	if (!*argument)
		die_usage("--output wants the name of a file");
	query->output = argument;
}

static void take_exact(struct query *query, const char *argument)
{
	(void)argument;
	query->exact = true;
}

static void take_colour(struct query *query, const char *argument)
{
	static const char *const names[] = {
		[COLOUR_AUTO] = "auto", [COLOUR_ALWAYS] = "always", [COLOUR_NEVER] = "never"};

	for (unsigned colour = 0; colour < sizeof names / sizeof *names; colour++) {
		if (strcmp(argument, names[colour]) == 0) {
			query->colour = (enum colour_when)colour;
			return;
		}
	}
	die_usage("--color wants auto, always or never, not '%s'", argument);
}

static void take_full_names(struct query *query, const char *argument)
{
	(void)argument;
	query->full_names = true;
}

static void take_own(struct query *query, const char *argument)
{
	list_add(&query->own, argument);
}

static void take_source_dir(struct query *query, const char *argument)
{
	if (!source_dirs_add(&query->source_dirs, argument))
		die_usage("--source-dir wants FROM=TO, two folders, not '%s'", argument);
}

static void take_hyperlink(struct query *query, const char *argument)
{
	(void)argument;
	query->hyperlink = true;
}

static void take_show_allocators(struct query *query, const char *argument)
{
	(void)argument;
	query->show_allocators = true;
}

static void take_hide_allocators(struct query *query, const char *argument)
{
	(void)argument;
	query->show_allocators = false;
}

static void take_no_inlines(struct query *query, const char *argument)
{
	(void)argument;
	query->symbols.no_inlines = true;
}

static void take_no_demangle(struct query *query, const char *argument)
{
	(void)argument;
	query->symbols.no_demangle = true;
}

static void take_debug_dir(struct query *query, const char *argument)
{
	list_add(&query->debug_dirs, argument);
	query->symbols.debug_dirs = query->debug_dirs.item;
	query->symbols.n_debug_dirs = query->debug_dirs.n;
}

static void take_debuginfod(struct query *query, const char *argument)
{
	const char *problem = debuginfod_problem();

	(void)argument;
	query->symbols.debuginfod = !problem;
	if (problem)
		warn("--debuginfod: %s; only this machine is searched", problem);
}

static void take_sysroot(struct query *query, const char *argument)
{
	query->symbols.sysroot = argument;
}

static void take_no_cache(struct query *query, const char *argument)
{
	(void)argument;
	query->symbols.no_cache = true;
}

static void take_strip_prefix(struct query *query, const char *argument)
{
	list_add(&query->strip_prefixes, argument);
}

static void take_nframe(struct query *query, const char *argument)
{
	query->nframe = number("--nframe", argument, 1, 65535, "from 1 to 65535");
}

static void take_wait(struct query *query, const char *argument)
{
	char *end;
	double seconds = strtod(argument, &end);

	if (*argument < '0' || *argument > '9' || *end || !(seconds <= WAIT_MOST))
		die_usage("--wait wants seconds from 0 to %d, not '%s'", WAIT_MOST, argument);
	query->wait_ns = (uint64_t)(seconds * 1e9);
}

static void take_help(struct query *query, const char *argument)
{
	(void)argument;
	query->help = true;
}

const struct option options[] = {
	{'g', "group-by", "KEY", OPTIONS_GROUP, take_key,
	 "lineno (default), filename, traceback, function, module, domain, thread or process"},
	{0, "cumulative", NULL, OPTIONS_GROUP, take_cumulative,
	 "count every frame of a traceback, not only the first"},
	{'n', "limit", "N", OPTIONS_GROUP, take_limit,
	 "rows; 0 = all; a table has 10 by default, other formats all"},
	{0, "filter", "RULE", OPTIONS_FILTER, take_filter,
	 "include|exclude[,lineno=N][,all-frames][,domain=D],pattern=GLOB; repeatable"},
	{0, "domain-filter", "RULE", OPTIONS_FILTER, take_domain_filter,
	 "include,D or exclude,D; repeatable"},
	{0, "strip-prefix", "DIR", OPTIONS_FILTER, take_strip_prefix,
	 "take DIR off the front of paths; repeatable"},
	{0, "frames", "N", OPTIONS_FRAMES, take_frames,
	 "the N most recent frames; negative: all but N of them"},
	{0, "most-recent-first", NULL, OPTIONS_FRAMES, take_most_recent_first,
	 "format tracebacks in that order"},
	{0, "format", "FORMAT", OPTIONS_FORMAT, take_format, NULL},
	{'b', "bytes", NULL, OPTIONS_LOOK, take_exact, "exact bytes in tables"},
	{0, "color", "WHEN", OPTIONS_LOOK, take_colour, "auto (default), always or never"},
	{0, "full-names", NULL, OPTIONS_NAMES, take_full_names,
	 "never shorten paths and template arguments"},
	{0, "own", "GLOB", OPTIONS_NAMES, take_own,
	 "files and modules that are your own code; repeatable"},
	{0, "source-dir", "FROM=TO", OPTIONS_NAMES, take_source_dir,
	 "sources recorded under FROM are under TO; repeatable"},
	{0, "hyperlink", NULL, OPTIONS_NAMES, take_hyperlink,
	 "with colour: lines link to their files"},
	{0, "show-allocators", NULL, OPTIONS_SYMBOLS, take_show_allocators,
	 "operator new, strdup and the like count as the first frame too"},
	{0, "hide-allocators", NULL, OPTIONS_SYMBOLS, take_hide_allocators,
	 "they do not (default)"},
	{0, "no-inlines", NULL, OPTIONS_SYMBOLS, take_no_inlines,
	 "fold inlined functions into their caller"},
	{0, "no-demangle", NULL, OPTIONS_SYMBOLS, take_no_demangle, "names as in the symbol table"},
	{0, "debug-dir", "DIR", OPTIONS_DEBUG, take_debug_dir,
	 "separate debug files, before /usr/lib/debug; repeatable"},
	{0, "debuginfod", NULL, OPTIONS_DEBUG, take_debuginfod,
	 "ask the servers in DEBUGINFOD_URLS for debug files that are not here"},
	{0, "sysroot", "DIR", OPTIONS_DEBUG, take_sysroot,
	 "where the file system of the recorded machine is"},
	{0, "no-cache", NULL, OPTIONS_DEBUG, take_no_cache,
	 "neither use nor keep what was looked up before"},
	{'o', "output", "FILE", OPTIONS_OUTPUT | OPTIONS_RUN, take_output, NULL},
	{0, "nframe", "N", OPTIONS_RUN, take_nframe,
	 "frames kept of a traceback, 1 to 65535; default all"},
	{0, "wait", "SECONDS", OPTIONS_CTL, take_wait,
	 "how long the process may take to notice; default 1"},
	{'h', "help", NULL, 0, take_help, "this text"},
};

const size_t n_options = sizeof options / sizeof *options;
