// SPDX-License-Identifier: MIT
/*
 * Finds the command, parses its options, runs it, and makes sure that what it printed has arrived.
 *
 * Exit status: 0 done, 1 the input or the machine failed, 2 wrong usage.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>

#include "command.h"
#include "die.h"
#include "query.h"

/* Only what is closed without an error has been written: a full disk may show up as late as that. */
static void stdout_finish(void)
{
	bool failed = ferror(stdout), pending = __fpending(stdout);

	errno = 0;
	/* Who closed it and printed nothing wanted it so. */
	if ((fclose(stdout) != 0 && (pending || errno != EBADF)) || failed)
		die(errno ? "standard output:" : "standard output: cannot write");
}

static int command_run(const struct command *command, char **arguments)
{
	struct query query;
	int status = 0;

	query_parse(&query, command, arguments);
	if (query.help)
		help_print(command);
	else
		status = command->run(&query);
	query_release(&query);
	return status;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	int status = 0;

	/* Only characters: numbers and order never depend on where the user lives. */
	setlocale(LC_CTYPE, "");
	if (!name)
		die_usage("no command given; 'tmtrace help' lists them");
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		printf("tmtrace %s\n", TMTRACE_VERSION);
	else if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		help_print_all();
	else if (!command_find(name))
		command_unknown(name);
	else
		status = command_run(command_find(name), argv + 2);
	stdout_finish();
	return status;
}
