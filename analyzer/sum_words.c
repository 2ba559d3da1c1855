// SPDX-License-Identifier: MIT
/*
 * How many of what, and when.
 */
#include "sum_words.h"

#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "die.h"

/* "12 processes", or how many traces of them there are. */
static char *count_words(const struct sum *sum)
{
	char traces[AMOUNT_MAX], processes[AMOUNT_MAX];
	const char *noun = sum->n_processes == 1 ? "process" : "processes";

	amount_count(sum->n_processes, processes);
	if (sum->n_traces == sum->n_processes)
		return xasprintf("%s %s", processes, noun);
	return xasprintf("%s traces of %s %s", amount_count(sum->n_traces, traces), processes,
			 noun);
}

/* Whether they are all recordings, taken at the same kind of moment. */
static bool same_moment(const struct sum_operands *operands)
{
	for (size_t i = 0; i < operands->n; i++)
		if (strcmp(operands->parts[i].operand.moment.text,
			   operands->parts[0].operand.moment.text) != 0 ||
		    operands->parts[i].head.snapshot)
			return false;
	return true;
}

static char *moment_words(const struct look *look, const struct sum_operands *operands)
{
	const struct operand *operand = &operands->parts[0].operand;

	if (!same_moment(operands))
		return xstrdup(", each at its moment");
	if (operand->moment.kind == MOMENT_PEAK)
		return xstrdup(", each at its peak");
	char *words = operand_words(operand),
	     *safe = terminal_safe(&look->terminal, words, strlen(words));
	bool all = operand->moment.kind == MOMENT_END || operand->moment.kind == MOMENT_START;
	char *moment = xasprintf("%s%s", all ? " " : ", each ", safe);

	free(words);
	free(safe);
	return moment;
}

char *sum_words(const struct look *look, const struct sum *sum)
{
	const char *folder = sum->operands.folder;
	char *count = count_words(sum), *moment = moment_words(look, &sum->operands),
	     *in = folder ? terminal_safe(&look->terminal, folder, strlen(folder)) : xstrdup("");
	char left[AMOUNT_MAX],
		*out = sum->n_traces < sum->operands.n
			       ? xasprintf(", %s left out",
					   amount_count(sum->operands.n - sum->n_traces, left))
			       : xstrdup("");
	char *words = xasprintf("%s%s%s%s%s", count, folder ? " in " : "", in, moment, out);

	free(count);
	free(moment);
	free(in);
	free(out);
	return words;
}
