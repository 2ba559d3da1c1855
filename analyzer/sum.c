// SPDX-License-Identifier: MIT
/*
 * Adding up, and what tables must know of processes and modules once their traces are closed.
 */
#include "sum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "amount.h"
#include "common/event.h"
#include "die.h"
#include "domains.h"
#include "parents.h"
#include "progress.h"
#include "records.h"
#include "sum_order.h"
#include "trace_private.h"

/* The files that names come from stay open, and many programs have many. */
static void allow_open_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

void sum_open(struct sum *sum, const struct query *query)
{
	*sum = (struct sum){
		.groups = {.key = query->key, .cumulative = query->cumulative, .several = true},
	};
	allow_open_files();
	sum_operands_open(&sum->operands, query->operands, query->n_operands);
	sum->whole.operand.path =
		xstrdup(sum->operands.folder ? sum->operands.folder : "these traces");
	sum->whole.trace = trace_new(sum->whole.operand.path);
	sum->whole.symbols = symbols_new(&query->symbols);
}

/* Where it was loaded differs from process to process, and tables do not ask. */
static void add_module(struct sum *sum, const struct trace_module *module)
{
	struct trace *whole = sum->whole.trace;
	struct trace_private *inner = whole->inner;

	for (size_t i = 0; i < whole->n_modules; i++)
		if (trace_module_same(&inner->modules[i], module)) {
			inner->modules[i].main_program |= module->main_program;
			return;
		}
	struct trace_module *copy = records_add_module(whole, whole->n_modules);

	copy->path = arena_text(&inner->arena, module->path, strlen(module->path));
	copy->build_id = arena_copy(&inner->arena, module->build_id, module->build_id_size);
	copy->build_id_size = module->build_id_size;
	copy->main_program = module->main_program;
	symbols_add_module(sum->whole.symbols, copy->id, copy->path, copy->build_id,
			   copy->build_id_size, 0);
}

/* A text that is not the same everywhere is none. */
static void note_text(struct trace *whole, const char **text, const char *of_part, bool first)
{
	if (first)
		*text = arena_text(&whole->inner->arena, of_part, strlen(of_part));
	else if (strcmp(*text, of_part) != 0)
		*text = "";
}

static void note_trace(struct sum *sum, const struct trace *trace)
{
	struct trace *whole = sum->whole.trace;
	struct trace_process *process = &whole->process;
	bool first = !sum->n_traces;

	note_text(whole, &process->cwd, trace->process.cwd, first);
	note_text(whole, &process->host, trace->process.host, first);
	/* What is older than all recordings is as all of them saw it. */
	if (first || trace->process.time_ns < process->time_ns)
		process->time_ns = trace->process.time_ns;
	whole->inner->n_names |= trace_has_names(trace);
	symbols_set_recorded(sum->whole.symbols, trace->process.time_ns);
	for (size_t i = 0; i < trace->n_modules; i++)
		add_module(sum, &trace->modules[i]);
}

static void add_part(struct sum *sum, struct sum_part *part, const struct view *view)
{
	const struct snapshot *snapshot = view->snapshot;

	note_trace(sum, view->trace);
	groups_add(&sum->groups, view->snapshot, GROUP_NEW);
	part->size = snapshot->size;
	part->count = snapshot->n_traces;
	part->event = snapshot->event;
	part->time_ns = snapshot->time_ns;
	sum->size = xsum(sum->size, part->size);
	sum->count += part->count;
	sum->mapped = xsum(sum->mapped, domain_size(snapshot, DOMAIN_MAPPED));
	sum->n_traces++;
}

/* The first is an example of what may be true of hundreds. */
static void note_inherited(struct sum *sum, const struct trace *trace)
{
	if (trace->inherited.warning && !sum->n_incomplete++)
		warn("%s", trace->inherited.warning);
}

static void warn_of_more(const struct sum *sum)
{
	size_t more = sum->n_incomplete - 1;
	char number[AMOUNT_MAX];

	if (sum->n_incomplete > 1)
		warn("%s more trace%s of forked processes lack%s something inherited; 'tmtrace "
		     "info' says of each what",
		     amount_count(more, number), more == 1 ? "" : "s", more == 1 ? "s" : "");
}

static void take_part(struct sum *sum, struct sum_part *part, struct parents *parents,
		      struct frames *frames, const struct query *query)
{
	struct view view = {
		.trace = part->trace,
		.symbols = symbols_share(sum->whole.symbols),
		.process = xstrdup(part->process),
		.parents = parents,
	};
	char *message = NULL;

	part->trace = NULL;
	operand_at(&view.operand, xstrdup(part->operand.path), &part->operand);
	if (view_read(&view, frames, query, &message)) {
		note_inherited(sum, view.trace);
		add_part(sum, part, &view);
	} else {
		sum_part_leave_out(part, message);
	}
	view_release(&view, 1);
}

void sum_take(struct sum *sum, struct frames *frames, const struct query *query)
{
	struct parents *parents = parents_new();
	struct progress progress;
	char text[80];
	size_t n;
	struct sum_part **parts = sum_order(&sum->operands, &n);

	progress_begin(&progress);
	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof text, "trace %zu of %zu", i + 1, n);
		progress_text(&progress, text);
		take_part(sum, parts[i], parents, frames, query);
	}
	progress_end(&progress);
	warn_of_more(sum);
	free(parts);
	parents_free(parents);
	if (!sum->n_traces)
		die("%s: none of the %zu traces in this folder can be read",
		    sum->whole.operand.path, sum->operands.n);
	sum->n_processes = sum_operands_processes(&sum->operands);
}

void sum_release(struct sum *sum)
{
	sum_operands_release(&sum->operands);
	groups_release(&sum->groups);
	view_release(&sum->whole, 1);
}
