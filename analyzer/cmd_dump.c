// SPDX-License-Identifier: MIT
/*
 * tmtrace dump: the events in their total order, as text.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/event.h"
#include "die.h"
#include "operand.h"
#include "output.h"
#include "query.h"
#include "replay.h"
#include "terminal.h"
#include "warning.h"

struct dump {
	const struct trace *trace;
	char **names; /* of modules: safe, without folders */
	FILE *out;
};

static const char *const kind_names[EVENT_KIND_END] = {
	[EVENT_ALLOC] = "alloc",       [EVENT_FREE] = "free",
	[EVENT_UNDO] = "undo",	       [EVENT_TRACK] = "track",
	[EVENT_UNTRACK] = "untrack",   [EVENT_CLEAR] = "clear",
	[EVENT_MARK] = "mark",	       [EVENT_TIME] = "time",
	[EVENT_CLOCK_ON] = "clock-on", [EVENT_FORK] = "fork",
	[EVENT_MODULES] = "modules",   [EVENT_THREAD] = "thread",
	[EVENT_DEPTH] = "depth",       [EVENT_UNMAP] = "unmap",
	[EVENT_START] = "start",       [EVENT_RESET_PEAK] = "reset-peak",
};

static void names_make(struct dump *dump)
{
	struct terminal terminal;

	terminal_find(&terminal, dump->out, COLOUR_NEVER);
	dump->names = xcalloc(dump->trace->n_modules, sizeof *dump->names);
	for (size_t i = 0; i < dump->trace->n_modules; i++) {
		const char *path = dump->trace->modules[i].path, *slash = strrchr(path, '/');

		path = slash ? slash + 1 : path;
		dump->names[i] = terminal_safe(&terminal, path, strlen(path));
	}
}

static void names_release(struct dump *dump)
{
	for (size_t i = 0; i < dump->trace->n_modules; i++)
		free(dump->names[i]);
	free(dump->names);
}

static void stack_print(const struct dump *dump, const struct replay_event *event)
{
	for (size_t i = 0; i < event->depth; i++) {
		uint64_t address = event->addresses[i];
		uint32_t module = event->modules[i];

		fputs(i ? " < " : "  ", dump->out);
		if (module < dump->trace->n_modules)
			fprintf(dump->out, "%s+0x%" PRIx64, dump->names[module],
				address - dump->trace->modules[module].bias);
		else
			fprintf(dump->out, "0x%" PRIx64, address);
	}
}

static void event_print(void *arg, const struct replay_event *event)
{
	const struct dump *dump = arg;
	unsigned kind = (unsigned)event->kind < EVENT_KIND_END ? (unsigned)event->kind : 0,
		 fields = event_fields(kind);
	FILE *out = dump->out;

	if (event->number)
		fprintf(out, "%" PRIu64, event->number);
	else
		fputc('-', out);
	fprintf(out, " %" PRIu64 ".%09" PRIu64 " %u %s", event->time_ns / 1000000000u,
		event->time_ns % 1000000000u, event->thread,
		kind_names[kind] ? kind_names[kind] : "?");
	if (fields & FIELD_ADDRESS)
		fprintf(out, " 0x%" PRIx64, event->address);
	if (fields & FIELD_SIZE)
		fprintf(out, " %" PRIu64, event->size);
	if (fields & FIELD_VALUE)
		fprintf(out, " %" PRIu64, event->value);
	if (fields & FIELD_DOMAIN)
		fprintf(out, " domain=%u", event->domain);
	fputs(event->flags & EVENT_RESIZE ? " resize" : "", out);
	fputs(event->flags & EVENT_RESERVED ? " reserved" : "", out);
	fputs(event->flags & EVENT_COMMIT ? " commit" : "", out);
	fputs(event->flags & EVENT_INCOMPLETE ? " incomplete" : "", out);
	fputs(event->flags & EVENT_NO_STACK ? " no-stack" : "", out);
	fputs(event->flags & EVENT_STOP ? " stop" : "", out);
	stack_print(dump, event);
	fputc('\n', out);
}

int cmd_dump(const struct query *query)
{
	struct operand operand;
	struct output output;
	char *message = NULL;

	operand_parse(&operand, query->operands[0]);
	if (operand.moment.kind != MOMENT_END)
		die_usage("dump is of the whole recording; leave out '@%s'", operand.moment.text);
	struct trace *trace = trace_open(operand.path, &message);

	if (!trace)
		die("%s", message);
	warning_tell(trace);
	trace_inherit(trace, NULL);
	warning_tell_inherited(trace);
	struct dump dump = {.trace = trace, .out = output_open(&output, query->output)};

	names_make(&dump);
	if (replay_events(trace, event_print, &dump, &message) < 0)
		die("%s", message);
	warning_tell_inherited(trace);
	output_close(&output);
	names_release(&dump);
	trace_close(trace);
	operand_release(&operand);
	return 0;
}
