// SPDX-License-Identifier: MIT
/*
 * A command of tmtrace: one line in the table of commands.c, one file cmd_NAME.c.
 */
#ifndef ANALYZER_COMMAND_H
#define ANALYZER_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct query;

/* Options that belong together; a command takes whole sets. */
enum option_set {
	OPTIONS_GROUP = 1,    /* --group-by, --cumulative, --limit */
	OPTIONS_FILTER = 2,   /* --filter, --domain-filter, --strip-prefix */
	OPTIONS_FRAMES = 4,   /* --frames, --most-recent-first */
	OPTIONS_FORMAT = 8,   /* --format */
	OPTIONS_LOOK = 16,    /* -b, --color: what a table looks like */
	OPTIONS_NAMES = 32,   /* --full-names, --own, --hyperlink: how names look */
	OPTIONS_SYMBOLS = 64, /* --no-inlines, --show-allocators ...: what becomes of names */
	OPTIONS_OUTPUT = 128, /* --output */
	OPTIONS_RUN = 256,    /* of `run` */
	OPTIONS_DEBUG = 512,  /* --debug-dir, --sysroot ...: where names come from */
	OPTIONS_CTL = 1024,   /* of `ctl` */
};

struct command {
	const char *name;
	int (*run)(const struct query *query); /* returns the exit status */
	const char *synopsis;		       /* what follows the name */
	const char *summary;		       /* half a line, for `tmtrace help` */
	const char *details;		       /* lines for --help */
	unsigned options;		       /* enum option_set */
	unsigned formats; /* bits of enum query_format; the first one set is the default */
	unsigned operands_least, operands_most;
	bool operands_end; /* the first operand ends the options: what follows is someone else's */
	bool writes_trace; /* --output must be given: what is written is a trace */
};

extern const struct command commands[];
extern const size_t n_commands;

/* NULL when there is none of that name. */
const struct command *command_find(const char *name);
/* Does not return: there is no command NAME, but perhaps one that was meant. */
_Noreturn void command_unknown(const char *name);

int cmd_run(const struct query *query);
int cmd_stats(const struct query *query);
int cmd_diff(const struct query *query);
int cmd_snapshot(const struct query *query);
int cmd_info(const struct query *query);
int cmd_ctl(const struct query *query);
int cmd_object(const struct query *query);
int cmd_export(const struct query *query);
int cmd_import(const struct query *query);
int cmd_dump(const struct query *query);
int cmd_verify(const struct query *query);
int cmd_recover(const struct query *query);
int cmd_symbolize(const struct query *query);
int cmd_help(const struct query *query);

/* What `--help` and `help COMMAND` print. */
void help_print(const struct command *command);
/* The list of commands. */
void help_print_all(void);

#endif
