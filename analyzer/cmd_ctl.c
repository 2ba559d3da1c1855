// SPDX-License-Identifier: MIT
/*
 * tmtrace ctl: tells a running process to start, to stop, to set a mark; and what it is doing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "command.h"
#include "die.h"
#include "output.h"
#include "query.h"
#include "request.h"
#include "running_status.h"
#include "terminal.h"

#define NFRAME_MOST 65535

/* What a request that was done has done; for the caller to free. */
static char *done_words(const struct running_status *status, const struct request *request)
{
	const struct running *running = &status->running;
	const char *trace = running->trace ? running->trace : "no file";

	if (request->command == CONTROL_MARK)
		return xasprintf("%s (%s): %s@mark:%s", running->pid, running->program, trace,
				 request->name);
	if (request->command == CONTROL_START)
		return xasprintf("%s (%s): %s %s", running->pid, running->program,
				 request->nothing_new ? "is recording already, to" : "recording to",
				 trace);
	if (request->nothing_new)
		return xasprintf("%s (%s): was not recording", running->pid, running->program);
	return xasprintf("%s (%s): stopped; what was recorded is in %s", running->pid,
			 running->program, trace);
}

/* The name of the program is what it calls itself. */
static void done_print(const struct running_status *status, const struct request *request,
		       FILE *out)
{
	struct terminal terminal;
	char *words = done_words(status, request), *safe;

	terminal_find(&terminal, out, COLOUR_NEVER);
	safe = terminal_safe(&terminal, words, strlen(words));
	fprintf(out, "%s\n", safe);
	free(words);
	free(safe);
}

static void print(const struct query *query, const struct request *request)
{
	struct running_status status;
	struct output output;

	running_status_get(&status, query->operands[0]);
	FILE *out = output_open(&output, query->output);

	if (query->format == FORMAT_JSON)
		running_status_json(&status, out);
	else if (request)
		done_print(&status, request, out);
	else
		running_status_table(&status, out);
	output_close(&output);
	running_status_release(&status);
}

static _Noreturn void refused(const struct request *request, const struct running *running)
{
	int error = request->result;

	if (error == ESRCH)
		die("%s (%s) is not recording; 'tmtrace ctl %s start' begins to", running->pid,
		    running->program, running->pid);
	if (error == EAGAIN)
		die("%s (%s) is about to end, or too busy in one allocation; nothing was done",
		    running->pid, running->program);
	errno = error;
	die("%s (%s): %s failed:", running->pid, running->program,
	    control_command_words[request->command]);
}

static _Noreturn void unanswered(const struct query *query, const struct running *running)
{
	struct control control;
	bool stopped = false, alive = running_is_alive(running, &stopped);
	char time[AMOUNT_MAX];

	if (!alive || !running_read(running, &control))
		die("%s has ended", running->pid);
	die("%s (%s) %s for %s, so nothing was done and the request was taken back%s", running->pid,
	    running->program,
	    stopped				? "is stopped and has not allocated"
	    : control.mode == CONTROL_RECORDING ? "has made fewer than 16 allocations and frees"
						: "has neither allocated nor freed",
	    amount_time(query->wait_ns, time), stopped ? "" : "; --wait gives it longer");
}

static _Noreturn void failed(const struct query *query, const struct request *request,
			     const struct running *running, enum request_end end)
{
	switch (end) {
	case REQUEST_DONE:
		refused(request, running);
	case REQUEST_TAKEN_BACK:
		unanswered(query, running);
	case REQUEST_INTERRUPTED:
		die("interrupted; the request was taken back and nothing was done");
	case REQUEST_UNFINISHED:
		die("%s (%s) has begun to do it but not ended yet; 'tmtrace ctl %s status' tells "
		    "when it has",
		    running->pid, running->program, running->pid);
	case REQUEST_BUSY:
		die("%s (%s) is being asked by another tmtrace all the time; nothing was done",
		    running->pid, running->program);
	case REQUEST_GONE:
		die("%s has ended", running->pid);
	default:
		die("%s (%s) is about to end; nothing was done", running->pid, running->program);
	}
}

/* The page may move while we look for it: the first start makes another one. */
static void ask(const struct query *query, struct request *request)
{
	enum request_end end = REQUEST_MOVED;
	struct running running;

	request->until_ns = request_now() + query->wait_ns;
	do {
		char *message = running_open(&running, query->operands[0]);

		if (message)
			die("%s", message);
		end = request_make(request, &running);
		if (end == REQUEST_DONE && !request->result) {
			running_close(&running);
			return;
		}
		if (end != REQUEST_MOVED)
			failed(query, request, &running, end);
		running_close(&running);
	} while (request_now() < request->until_ns);
	die("%s is about to end; nothing was done", query->operands[0]);
}

static uint64_t nframe_parse(const char *text)
{
	char *end;

	errno = 0;
	unsigned long long nframe = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || errno || nframe < 1 || nframe > NFRAME_MOST)
		die_usage("ctl: start wants a number of frames from 1 to %d, not '%s'", NFRAME_MOST,
			  text);
	return nframe;
}

static void request_parse(struct request *request, const char *const *words, size_t n)
{
	for (unsigned command = CONTROL_START; command <= CONTROL_MARK; command++)
		if (strcmp(words[0], control_command_words[command]) == 0)
			request->command = (enum control_command)command;
	switch (request->command) {
	case CONTROL_START:
		request->argument = n == 2 ? nframe_parse(words[1]) : CONTROL_AS_BEFORE;
		break;
	case CONTROL_STOP:
		if (n == 2)
			die_usage("ctl: stop takes no argument");
		break;
	case CONTROL_MARK:
		if (n != 2 || !*words[1] || strlen(words[1]) > CONTROL_NAME_MOST)
			die_usage("ctl: mark wants a name of 1 to %d bytes", CONTROL_NAME_MOST);
		request->name = words[1];
		break;
	default:
		die_usage("ctl: no command '%s'; it is start [NFRAME], stop, mark NAME or status",
			  words[0]);
	}
}

int cmd_ctl(const struct query *query)
{
	const char *const *words = (const char *const *)query->operands;
	struct request request = {0};

	if (!words[0][0] || words[0][strspn(words[0], "0123456789")])
		die_usage("ctl: '%s' is no process number", words[0]);
	if (strcmp(words[1], "status") == 0) {
		if (query->n_operands == 3)
			die_usage("ctl: status takes no argument");
		print(query, NULL);
		return 0;
	}
	request_parse(&request, words + 1, query->n_operands - 1);
	ask(query, &request);
	print(query, &request);
	return 0;
}
