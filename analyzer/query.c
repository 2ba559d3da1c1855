// SPDX-License-Identifier: MIT
/*
 * From the words of the command line to a query, and from the table of options to their help.
 */
#include "query.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "nearest.h"
#include "option.h"

static bool takes(const struct command *command, const struct option *option)
{
	return !option->set || (option->set & command->options);
}

static const struct option *option_find(const struct command *command, const char *name,
					size_t size, char letter)
{
	for (size_t i = 0; i < n_options; i++) {
		const struct option *option = &options[i];

		if (!takes(command, option))
			continue;
		if (letter ? option->letter == letter
			   : strlen(option->name) == size && memcmp(option->name, name, size) == 0)
			return option;
	}
	return NULL;
}

static _Noreturn void option_unknown(const struct command *command, const char *name, size_t size)
{
	char *wanted = xstrndup(name, size);
	struct nearest nearest = nearest_to(wanted);

	for (size_t i = 0; i < n_options; i++)
		if (takes(command, &options[i]))
			nearest_try(&nearest, options[i].name);
	if (nearest.best)
		die_usage("%s: no option '--%s'; did you mean '--%s'?", command->name, wanted,
			  nearest.best);
	die_usage("%s: no option '--%s'; see 'tmtrace help %s'", command->name, wanted,
		  command->name);
}

/* Takes the option in argv[0] and returns where to go on. */
static char **take_long(struct query *query, char **argv)
{
	const char *name = *argv + 2, *equals = strchrnul(name, '=');
	const struct option *option = option_find(query->command, name, (size_t)(equals - name), 0);
	const char *argument = *equals ? equals + 1 : NULL;

	if (!option)
		option_unknown(query->command, name, (size_t)(equals - name));
	if (argument && !option->argument)
		die_usage("--%s takes no argument", option->name);
	if (option->argument && !argument && !(argument = *++argv))
		die_usage("--%s wants an argument: %s", option->name, option->argument);
	option->take(query, argument);
	return argv + 1;
}

static char **take_letters(struct query *query, char **argv)
{
	for (const char *letter = *argv + 1; *letter; letter++) {
		const struct option *option = option_find(query->command, NULL, 0, *letter);

		if (!option)
			die_usage("%s: no option '-%c'; see 'tmtrace help %s'",
				  query->command->name, *letter, query->command->name);
		if (!option->argument) {
			option->take(query, NULL);
			continue;
		}
		const char *argument = letter[1] ? letter + 1 : *++argv;

		if (!argument)
			die_usage("-%c wants an argument: %s", *letter, option->argument);
		option->take(query, argument);
		break;
	}
	return argv + 1;
}

static void operand_add(struct query *query, char *operand)
{
	query->operands[query->n_operands++] = operand;
}

static void check(struct query *query)
{
	const struct command *command = query->command;

	if (query->cumulative && !group_key_is_frame(query->key))
		die_usage("--cumulative needs a key that is a frame (lineno, filename, function, "
			  "module), not %s",
			  group_key_names[query->key]);
	if (query->n_operands < command->operands_least)
		die_usage("%s: an operand is missing; usage: tmtrace %s %s", command->name,
			  command->name, command->synopsis);
	if (query->n_operands > command->operands_most)
		die_usage("%s: '%s' is one operand too many; usage: tmtrace %s %s", command->name,
			  query->operands[command->operands_most], command->name,
			  command->synopsis);
	if (command->writes_trace && !query->output)
		die_usage("%s wants -o FILE, the trace to write", command->name);
}

void query_parse(struct query *query, const struct command *command, char **argv)
{
	size_t n = 0;

	while (argv[n])
		n++;
	*query = (struct query){
		.command = command,
		.operands = xcalloc(n + 1, sizeof *query->operands),
		.key = GROUP_LINENO,
		.frames = INT64_MAX,
		.wait_ns = 1000000000u,
		.format = (enum query_format)__builtin_ctz(command->formats | 1u << FORMAT_END),
	};
	while (*argv) {
		bool ended = command->operands_end && query->n_operands;

		if (!ended && strcmp(*argv, "--") == 0) {
			while (*++argv)
				operand_add(query, *argv);
		} else if (!ended && strncmp(*argv, "--", 2) == 0) {
			argv = take_long(query, argv);
		} else if (!ended && **argv == '-' && (*argv)[1] && (*argv)[1] != '@') {
			argv = take_letters(query, argv);
		} else {
			operand_add(query, *argv++);
		}
	}
	if (query->help)
		return;
	check(query);
	if (!query->limit)
		query->limit = query->format == FORMAT_TABLE ? 10 : UINT64_MAX;
}

void query_release(struct query *query)
{
	for (size_t i = 0; i < query->n_filters; i++)
		filter_release(&query->filters[i]);
	free(query->filters);
	free(query->operands);
	free(query->own.item);
	free(query->debug_dirs.item);
	free(query->strip_prefixes.item);
	source_dirs_release(&query->source_dirs);
	*query = (struct query){0};
}

/* What --format and --output do depends on the command. */
static char *option_help(const struct command *command, const struct option *option)
{
	if (option->help)
		return xstrdup(option->help);
	if (option->set & OPTIONS_FORMAT) {
		char *formats =
			option_alternatives(query_format_names, FORMAT_END, command->formats);
		char *help = xasprintf("%s%s", formats,
				       command->formats & 1 && command->formats != 1
					       ? "; table (default) is for people"
					       : "");

		free(formats);
		return help;
	}
	if (command->options & OPTIONS_RUN)
		return xstrdup("the trace; %p pid, %e program, %h host, %% a percent sign");
	return xstrdup(command->writes_trace ? "the trace to write" : "instead of standard output");
}

void query_options_print(const struct command *command, FILE *out)
{
	for (size_t i = 0; i < n_options; i++) {
		const struct option *option = &options[i];
		char left[40], letter[5] = "    ";

		if (!takes(command, option))
			continue;
		if (option->letter)
			snprintf(letter, sizeof letter, "-%c, ", option->letter);
		snprintf(left, sizeof left, "%s--%s%s%s", letter, option->name,
			 option->argument ? " " : "", option->argument ? option->argument : "");
		char *help = option_help(command, option);

		fprintf(out, "  %-26s %s\n", left, help);
		free(help);
	}
}
