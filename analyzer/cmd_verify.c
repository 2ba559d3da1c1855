// SPDX-License-Identifier: MIT
/*
 * tmtrace verify: is all of it there and whole.
 */
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "die.h"
#include "faults.h"
#include "operand.h"
#include "output.h"
#include "query.h"
#include "table.h"
#include "trace_private.h"
#include "warning.h"

#define ROWS_MOST 100

struct verify {
	struct trace *trace;
	struct faults faults;
	struct terminal terminal;
	char *name;
	FILE *out;
};

static char *count_words(uint64_t count, const char *noun)
{
	char text[AMOUNT_MAX];

	return xasprintf("%s %s%s", amount_count(count, text), noun, count == 1 ? "" : "s");
}

static const char *kind_name(unsigned kind)
{
	static const char *const names[CHUNK_KIND_END] = {
		[CHUNK_PROCESS] = "process",   [CHUNK_MODULES] = "modules",
		[CHUNK_THREADS] = "threads",   [CHUNK_EVENTS] = "events",
		[CHUNK_MARKS] = "marks",       [CHUNK_RESOURCES] = "resources",
		[CHUNK_PERF_MAP] = "perf map", [CHUNK_NAMES] = "names",
		[CHUNK_LOSSES] = "losses",     [CHUNK_RAW_BLOCK] = "raw block",
		[CHUNK_CLOSING] = "closing",   [CHUNK_DOMAINS] = "domains",
	};

	return kind < CHUNK_KIND_END && names[kind] ? names[kind] : "unknown";
}

static char *fault_words(const struct fault *fault)
{
	char number[AMOUNT_MAX], last[AMOUNT_MAX];

	switch (fault->kind) {
	case FAULT_CUT:
		return xstrdup("the file ends inside it");
	case FAULT_CHECKSUM:
		return xstrdup("its checksum is wrong");
	case FAULT_PAYLOAD:
		return xstrdup("it cannot be decoded");
	case FAULT_EVENTS:
		return xstrdup("its events do not hold together");
	case FAULT_NO_CHUNK:
		return xasprintf("%s bytes are no chunk", amount_count(fault->size, number));
	case FAULT_MISSING:
		if (fault->n == 1)
			return xstrdup("it is not there");
		return xasprintf("it and those up to %s are not there",
				 amount_count(fault->serial + fault->n - 1, last));
	case FAULT_BLOCK:
		return xstrdup("what follows its events is none");
	default:
		return xasprintf("%s of the journal hold no block", amount_count(fault->n, number));
	}
}

/* NULL when only what is told about the process is missing. */
static char *missing_words(const struct fault *fault)
{
	char from[AMOUNT_MAX], to[AMOUNT_MAX];
	char *events, *text;

	if (fault->kind == FAULT_MISSING || fault->kind == FAULT_SLOTS ||
	    fault->kind == FAULT_BLOCK)
		return xstrdup("events");
	if (fault->kind != FAULT_NO_CHUNK && fault->chunk_kind != CHUNK_EVENTS)
		return NULL;
	events = fault->n ? count_words(fault->n, "event") : xstrdup("events");
	amount_time(fault->from_ns, from);
	amount_time(fault->to_ns, to);
	text = fault->to_ns ? xasprintf("%s between %s and %s", events, from, to)
			    : xasprintf("%s after %s", events, from);
	free(events);
	return text;
}

static void fault_row(struct table *table, const struct fault *fault)
{
	struct cell *cell = table_row(table);
	char number[AMOUNT_MAX];
	bool chunk = fault->kind != FAULT_NO_CHUNK && fault->kind != FAULT_SLOTS;

	if (fault->position) {
		cell[0].text = xstrdup(amount_count(fault->position, number));
		cell[1].text = xstrdup(amount_count(fault->offset, number));
	}
	if (chunk && !fault->position && fault->kind != FAULT_MISSING)
		cell[2].text = xstrdup("journal");
	else if (chunk)
		cell[2].text = xstrdup(kind_name(fault->chunk_kind));
	if (chunk && (fault->chunk_kind == CHUNK_EVENTS || fault->chunk_kind == CHUNK_RAW_BLOCK)) {
		cell[3].text = xstrdup(amount_count(fault->thread, number));
		cell[4].text = xstrdup(amount_count(fault->serial, number));
	}
	cell[5].text = fault_words(fault);
	cell[6].text = missing_words(fault);
}

static void faults_print(const struct verify *verify)
{
	const struct faults *faults = &verify->faults;
	struct table table;

	table_init(&table, &verify->terminal);
	table_column(&table, "chunk", COLUMN_NUMBER, 0);
	table_column(&table, "offset", COLUMN_NUMBER, 2);
	table_column(&table, "kind", COLUMN_BAR, 2);
	table_column(&table, "thread", COLUMN_NUMBER, 2);
	table_column(&table, "serial", COLUMN_NUMBER, 2);
	table_column(&table, "fault", COLUMN_BAR, 2);
	table_column(&table, "missing", COLUMN_BAR, 2);
	for (size_t i = 0; i < faults->n && i < ROWS_MOST; i++)
		fault_row(&table, &faults->item[i]);
	table_print(&table, verify->out);
	table_release(&table);
	if (faults->n > ROWS_MOST) {
		char *rest = count_words(faults->n - ROWS_MOST, "more fault");

		fprintf(verify->out, "and %s\n", rest);
		free(rest);
	}
}

/* "3 faults in 812 chunks: at least 51,200 events are missing" */
static void damage_print(const struct verify *verify)
{
	const struct faults *faults = &verify->faults;
	uint64_t missing = 0;
	bool uncounted = false, events = false;
	char number[AMOUNT_MAX];

	for (size_t i = 0; i < faults->n; i++) {
		const struct fault *fault = &faults->item[i];
		char *words = missing_words(fault);

		events |= words != NULL;
		if (words && fault->kind != FAULT_MISSING)
			missing += fault->n;
		uncounted |= words && (!fault->n || fault->kind == FAULT_MISSING);
		free(words);
	}
	char *n = count_words(faults->n, "fault"), *chunks = count_words(faults->n_chunks, "chunk"),
	     *lost = missing == 1 ? xstrdup("1 event is")
		     : missing	  ? xasprintf("%s events are", amount_count(missing, number))
				  : xstrdup("events are");

	fprintf(verify->out, "%s: %s in %s: %s%s missing\n\n", verify->name, n, chunks,
		missing && uncounted ? "at least " : "", !events ? "no events are" : lost);
	free(n);
	free(chunks);
	free(lost);
}

/* What is said of a trace whose chunks are whole; *whole: nothing else is missing either. */
static void whole_print(const struct verify *verify, bool *whole)
{
	const struct trace *trace = verify->trace;
	uint64_t lost = trace->inner->lost_recording;
	char *chunks = count_words(verify->faults.n_chunks, "chunk"),
	     *blocks = count_words(verify->faults.n_blocks, "block"),
	     *events = count_words(verify->faults.events, "event"),
	     *losses = count_words(lost, "event");

	*whole = !trace->warning;
	fprintf(verify->out, "%s: all %s", verify->name, chunks);
	if (verify->faults.n_blocks)
		fprintf(verify->out, " and %s of the journal", blocks);
	fprintf(verify->out, " are whole, %s, ", events);
	if (*whole && lost)
		fprintf(verify->out, "%s%s lost\n", trace->inner->unknown_loss ? "at least " : "",
			losses);
	else if (*whole && trace->inner->unknown_loss)
		fputs("an unknown number of events lost\n", verify->out);
	else if (*whole)
		fputs("nothing lost\n", verify->out);
	else
		fprintf(verify->out, "but %s\n",
			trace->warning + strlen(trace_name(trace->path)) + 2);
	free(chunks);
	free(blocks);
	free(events);
	free(losses);
}

int cmd_verify(const struct query *query)
{
	struct operand operand;
	struct output output;
	struct verify verify = {0};
	char *message = NULL;
	bool whole = false;

	operand_parse(&operand, query->operands[0]);
	if (operand.moment.kind != MOMENT_END)
		die_usage("verify is of the whole recording; leave out '@%s'", operand.moment.text);
	verify.trace = trace_open(operand.path, &message);
	if (!verify.trace)
		die("%s", message);
	faults_find(&verify.faults, verify.trace);
	verify.out = output_open(&output, query->output);
	terminal_find(&verify.terminal, verify.out, query->colour);
	verify.name = terminal_safe(&verify.terminal, trace_name(verify.trace->path),
				    strlen(trace_name(verify.trace->path)));
	if (verify.faults.n) {
		damage_print(&verify);
		faults_print(&verify);
	} else {
		whole_print(&verify, &whole);
	}
	output_close(&output);
	/* Not a fault of this file, but of use to whoever asks. */
	trace_inherit(verify.trace, NULL);
	warning_tell_inherited(verify.trace);
	faults_release(&verify.faults);
	free(verify.name);
	trace_close(verify.trace);
	operand_release(&operand);
	return whole ? 0 : EXIT_FAILED;
}
