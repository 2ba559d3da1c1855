// SPDX-License-Identifier: MIT
/*
 * The state of a process in words and as JSON. The trace itself is not read: it may be large.
 */
#include "running_status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "die.h"
#include "journal_file.h"
#include "json_write.h"
#include "now.h"
#include "table.h"

#define TRIES 10 /* to count while the process writes */

const char *const control_command_words[CONTROL_MARK + 1] = {
	[CONTROL_START] = "start", [CONTROL_STOP] = "stop", [CONTROL_MARK] = "mark"};
static const char *const mode_words[] = {[CONTROL_PAUSED] = "paused",
					 [CONTROL_RECORDING] = "recording",
					 [CONTROL_ENDING] = "ending"};
static const char *const state_words[] = {[CONTROL_ASKED] = "waiting",
					  [CONTROL_TAKEN] = "begun",
					  [CONTROL_DONE] = "done",
					  [CONTROL_WITHDRAWN] = "taken back"};

#define WORD(words, i) ((i) < sizeof(words) / sizeof *(words) ? (words)[i] : NULL)

/* Those in the file, by what the process says, and those in its journal; neither twice. */
static uint64_t count_events(const struct running *running, struct control *control)
{
	char *message = NULL;
	struct source trace;
	uint64_t written, events;

	if (source_open(&trace, running->trace, &message) < 0) {
		free(message);
		return control->written;
	}
	for (unsigned tries = 0; tries < TRIES; tries++) {
		struct journal_file journal;

		written = events = control->written;
		journal_open(&journal, running->trace, &trace, NULL);
		for (size_t i = 0; i < journal.n; i++)
			events += journal.blocks[i].sums.events;
		journal_release(&journal);
		if (!running_read(running, control) || control->written == written)
			break;
	}
	source_close(&trace);
	return events;
}

void running_status_get(struct running_status *status, const char *pid)
{
	char *message;

	*status = (struct running_status){0};
	message = running_open(&status->running, pid);
	if (message)
		die("%s", message);
	if (!running_read(&status->running, &status->control))
		die("%s has ended", pid);
	if (status->running.trace)
		status->events = count_events(&status->running, &status->control);
}

void running_status_release(struct running_status *status)
{
	running_close(&status->running);
}

/* NULL when there was none. */
static const char *last_command(const struct control *control)
{
	return control_state(control->request) == CONTROL_NONE
		       ? NULL
		       : WORD(control_command_words, control->command);
}

static int last_error(const struct control *control)
{
	if (control_state(control->request) != CONTROL_DONE || control->result >= 0)
		return 0;
	return control->result < -4095 ? EPROTO : -control->result;
}

static size_t name_size(const struct control *control)
{
	if (control->command != CONTROL_MARK || control->name_size > CONTROL_NAME_MOST)
		return 0;
	return control->name_size;
}

static void last_json(const struct control *control, FILE *out)
{
	const char *command = last_command(control),
		   *state = WORD(state_words, control_state(control->request));
	int error = last_error(control);

	fputs(",\"last\":", out);
	if (!command) {
		fputs("null", out);
		return;
	}
	fprintf(out, "{\"command\":\"%s\"", command);
	if (control->command == CONTROL_MARK) {
		fputs(",\"name\":", out);
		json_string(control->name, name_size(control), out);
	}
	fprintf(out, ",\"state\":\"%s\",\"error\":", state ? state : "unknown");
	if (error)
		json_string(strerror(error), strlen(strerror(error)), out);
	else
		fputs("null", out);
	fputs(",\"asked_s\":", out);
	json_seconds(control->asked_ns, out);
	fputc('}', out);
}

static void text_json(const char *key, const char *text, FILE *out)
{
	fprintf(out, ",\"%s\":", key);
	if (text)
		json_string(text, strlen(text), out);
	else
		fputs("null", out);
}

void running_status_json(const struct running_status *status, FILE *out)
{
	const struct control *control = &status->control;

	fprintf(out, "{\"pid\":%s", status->running.pid);
	text_json("program", status->running.program, out);
	text_json("state", WORD(mode_words, control->mode), out);
	fputs(",\"since_s\":", out);
	json_seconds(control->since_ns, out);
	fprintf(out, ",\"nframe\":%llu", (unsigned long long)control->limit);
	text_json("trace", status->running.trace, out);
	fprintf(out, ",\"events\":%llu,\"lost_events\":%llu", (unsigned long long)status->events,
		(unsigned long long)control->lost);
	last_json(control, out);
	fputs("}\n", out);
}

static char *frames_words(const struct control *control)
{
	char number[AMOUNT_MAX];

	if (!control->limit)
		return xstrdup("all frames");
	return xasprintf("%s frame%s", amount_count(control->limit, number),
			 control->limit == 1 ? "" : "s");
}

static char *since_words(uint64_t since_ns)
{
	char time[AMOUNT_MAX];
	uint64_t now = now_ns(CLOCK_REALTIME);

	return xstrdup(amount_time(now > since_ns ? now - since_ns : 0, time));
}

static char *state_line(const struct control *control)
{
	const char *mode = WORD(mode_words, control->mode);
	char *frames = frames_words(control), *since = since_words(control->since_ns), *line;

	line = control->mode == CONTROL_PAUSED
		       ? xasprintf("paused for %s; a start keeps %s of each stack", since, frames)
		       : xasprintf("%s for %s, %s of each stack", mode ? mode : "unknown", since,
				   frames);
	free(frames);
	free(since);
	return line;
}

static char *trace_line(const struct running_status *status)
{
	char events[AMOUNT_MAX], lost[AMOUNT_MAX];

	if (!status->running.trace)
		return xstrdup("none yet");
	return xasprintf("%s, %s event%s, %s lost", status->running.trace,
			 amount_count(status->events, events), status->events == 1 ? "" : "s",
			 status->control.lost ? amount_count(status->control.lost, lost) : "none");
}

static char *last_line(const struct control *control)
{
	const char *command = last_command(control),
		   *state = WORD(state_words, control_state(control->request));
	int error = last_error(control);

	if (!command)
		return xstrdup("none");
	char *since = since_words(control->asked_ns), *line;

	line = xasprintf("%s%s%.*s %s ago: %s%s", command, name_size(control) ? " " : "",
			 (int)name_size(control), control->name, since, error ? "failed: " : "",
			 error	 ? strerror(error)
			 : state ? state
				 : "unknown");
	free(since);
	return line;
}

static void row_add(struct table *table, const char *name, char *text)
{
	struct cell *cell = table_row(table);

	cell[0].text = xstrdup(name);
	cell[1].text = terminal_safe(table->terminal, text, strlen(text));
	free(text);
}

void running_status_table(const struct running_status *status, FILE *out)
{
	struct terminal terminal;
	struct table table;

	terminal_find(&terminal, out, COLOUR_AUTO);
	table_init(&table, &terminal);
	table_column(&table, NULL, COLUMN_BAR, 0);
	table_column(&table, NULL, COLUMN_BAR, 2);
	row_add(&table, "program",
		xasprintf("%s, pid %s", status->running.program, status->running.pid));
	row_add(&table, "state", state_line(&status->control));
	row_add(&table, "trace", trace_line(status));
	row_add(&table, "last command", last_line(&status->control));
	table_print(&table, out);
	table_release(&table);
}
