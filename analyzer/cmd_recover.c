// SPDX-License-Identifier: MIT
/*
 * tmtrace recover: what a kill or damage has left of a trace, as a clean one.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/journal.h"
#include "die.h"
#include "operand.h"
#include "output.h"
#include "query.h"
#include "recover.h"

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* What is recovered may be all there is: it stays. */
static void check_output(const char *path, const char *output)
{
	char *journal = xasprintf("%s" JOURNAL_SUFFIX, path);

	if (strcmp(path, "-") != 0 && is_same_file(path, output))
		die_usage("%s: the trace to write is the one to recover", output);
	if (is_same_file(journal, output))
		die_usage("%s: the trace to write is the journal of the one to recover", output);
	free(journal);
}

int cmd_recover(const struct query *query)
{
	struct operand operand;
	struct output output;
	char *message = NULL;

	operand_parse(&operand, query->operands[0]);
	if (operand.moment.kind != MOMENT_END)
		die_usage("recover is of the whole recording; leave out '@%s'",
			  operand.moment.text);
	check_output(operand.path, query->output);
	struct trace *trace = trace_open(operand.path, &message);

	if (!trace)
		die("%s", message);
	if (!recover(trace, output_open(&output, query->output)))
		die("%s: nothing in it is readable", operand.path);
	output_close(&output);
	if (trace->warning)
		warn("%s", trace->warning);
	trace_close(trace);
	operand_release(&operand);
	return 0;
}
