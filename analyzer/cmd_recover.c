// SPDX-License-Identifier: MIT
/*
 * tmtrace recover: what a kill or damage has left of a trace, as a clean one.
 */
#include "die.h"
#include "operand.h"
#include "output.h"
#include "query.h"
#include "recover.h"
#include "warning.h"

int cmd_recover(const struct query *query)
{
	struct operand operand;
	struct output output;
	char *message = NULL;

	operand_parse(&operand, query->operands[0]);
	if (operand.moment.kind != MOMENT_END)
		die_usage("recover is of the whole recording; leave out '@%s'",
			  operand.moment.text);
	output_check_trace(query->output, operand.path, "recover");
	struct trace *trace = trace_open(operand.path, &message);

	if (!trace)
		die("%s", message);
	if (!recover(trace, output_open_trace(&output, query->output)))
		die("%s: nothing in it is readable", operand.path);
	output_close(&output);
	warning_tell(trace);
	trace_close(trace);
	operand_release(&operand);
	return 0;
}
