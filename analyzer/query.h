// SPDX-License-Identifier: MIT
/*
 * What the user asked for: the options and operands of a command. The only option parser.
 *
 * Options and operands may be mixed; `--` ends the options. Help texts come from the same table.
 */
#ifndef ANALYZER_QUERY_H
#define ANALYZER_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "command.h"
#include "filter.h"
#include "source_dirs.h"
#include "statistic.h"
#include "symbols.h"
#include "terminal.h"

enum query_format {
	FORMAT_TABLE,
	FORMAT_PLAIN,
	FORMAT_TRACEBACK,
	FORMAT_JSON,
	FORMAT_CSV,
	FORMAT_JSONL,
	FORMAT_END
};

extern const char *const query_format_names[FORMAT_END];

/* Texts of the command line, in order. */
struct text_list {
	const char **item;
	size_t n, cap;
};

struct query {
	const struct command *command;
	char **operands; /* ends with NULL */
	size_t n_operands;

	enum group_key key;
	bool cumulative;
	uint64_t limit; /* rows; UINT64_MAX = all */
	struct filter *filters;
	size_t n_filters;
	int64_t frames; /* Traceback.format's limit; INT64_MAX = all */
	bool most_recent_first;

	enum query_format format;
	const char *output; /* NULL: standard output */
	bool exact;
	enum colour_when colour;
	bool full_names, hyperlink;
	struct text_list own; /* globs */
	bool show_allocators;
	struct text_list strip_prefixes;
	struct source_dirs source_dirs;
	struct symbols_options symbols;
	struct text_list debug_dirs;

	uint64_t nframe;  /* of `run`; 0: not given */
	uint64_t wait_ns; /* of `ctl` */
	bool help;
};

/*
 * Parses what follows the command's name; argv ends with NULL. Dies with status 2 on wrong usage.
 * Nothing is opened. Borrows argv.
 */
void query_parse(struct query *query, const struct command *command, char **argv);
void query_release(struct query *query);

/* The options of COMMAND, one a line, aligned. */
void query_options_print(const struct command *command, FILE *out);

#endif
