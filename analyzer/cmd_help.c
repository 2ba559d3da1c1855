// SPDX-License-Identifier: MIT
/*
 * tmtrace help [COMMAND]: made from the tables of commands and options.
 */
#include <stdio.h>

#include "command.h"
#include "query.h"

void help_print(const struct command *command)
{
	printf("usage: tmtrace %s %s\n\n%c%s.\n", command->name, command->synopsis,
	       command->summary[0] - 'a' + 'A', command->summary + 1);
	if (command->details)
		printf("\n%s", command->details);
	puts("\noptions:");
	query_options_print(command, stdout);
}

void help_print_all(void)
{
	puts("usage: tmtrace COMMAND [OPTION ...] [OPERAND ...]\n"
	     "       tmtrace --version\n\n"
	     "Records the heap of unmodified programs and tells who holds the "
	     "memory.\n\ncommands:");
	for (size_t i = 0; i < n_commands; i++)
		printf("  %-9s %s\n", commands[i].name, commands[i].summary);
	puts("\n'tmtrace help COMMAND' lists its options; man tmtrace has everything.\n"
	     "Tables are for people; --format json or csv is for programs.");
}

int cmd_help(const struct query *query)
{
	const struct command *command = query->n_operands ? command_find(query->operands[0]) : NULL;

	if (query->n_operands && !command)
		command_unknown(query->operands[0]);
	if (command)
		help_print(command);
	else
		help_print_all();
	return 0;
}
