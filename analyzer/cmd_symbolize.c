// SPDX-License-Identifier: MIT
/*
 * tmtrace symbolize: a trace that can be read where the binaries are not.
 */
#include <string.h>

#include "amount.h"
#include "die.h"
#include "output.h"
#include "symbolize.h"
#include "view.h"
#include "warning.h"

/* One line, and where to look when it is not all. */
static void counts_say(const char *output, const struct symbolize_counts *counts)
{
	char all[AMOUNT_MAX], lines[AMOUNT_MAX], functions[AMOUNT_MAX];
	const char *name = strcmp(output, "-") == 0 ? "standard output" : output;

	warn("%s: %s of %s addresses have lines, %s a function only%s", name,
	     amount_count(counts->lines, lines), amount_count(counts->addresses, all),
	     amount_count(counts->functions, functions),
	     counts->lines < counts->addresses ? "; 'tmtrace info' says why" : "");
}

int cmd_symbolize(const struct query *query)
{
	struct query raw = *query;
	struct symbolize_counts counts;
	struct output output;
	struct view view;

	/* Whoever reads the trace says what becomes of names and inlined functions. */
	raw.symbols.no_demangle = true;
	raw.symbols.no_inlines = false;
	view_open(&view, &raw, query->operands[0]);
	if (view.operand.moment.kind != MOMENT_END)
		die_usage("symbolize is of the whole recording; leave out '@%s'",
			  view.operand.moment.text);
	output_check_trace(query->output, view.operand.path, "symbolize");
	if (!symbolize(view.trace, view.symbols, output_open_trace(&output, query->output),
		       &counts))
		die("%s: nothing in it is readable", trace_name(view.operand.path));
	output_close(&output);
	warning_tell(view.trace);
	warning_tell_inherited(view.trace);
	counts_say(query->output, &counts);
	view_release(&view, 1);
	return 0;
}
