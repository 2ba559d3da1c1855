// SPDX-License-Identifier: MIT
/*
 * Traces are summed by stack first, so that names and tracebacks are looked at once a stack. What a
 * key compares is a number that frames.h already made unique, so finding a group is an array
 * access.
 */
#include "group.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "domains.h"
#include "intern.h"

struct adding {
	struct groups *groups;
	struct snapshot *snapshot;
	enum group_side side;
};

struct amount {
	uint64_t size, count;
};

static void number_room(struct groups *groups, uint32_t number)
{
	if (number < groups->n_numbers)
		return;
	size_t n = groups->n_numbers * 2 > number ? groups->n_numbers * 2 : (size_t)number + 64;

	groups->by_number = xreallocarray(groups->by_number, n, sizeof *groups->by_number);
	memset(groups->by_number + groups->n_numbers, 0xff,
	       (n - groups->n_numbers) * sizeof *groups->by_number);
	groups->n_numbers = n;
}

static struct group *group_get(struct groups *groups, uint32_t number)
{
	number_room(groups, number);
	if (groups->by_number[number] == INTERN_NONE) {
		if (groups->n == groups->cap) {
			groups->cap = groups->cap ? groups->cap * 2 : 64;
			groups->groups =
				xreallocarray(groups->groups, groups->cap, sizeof *groups->groups);
		}
		groups->by_number[number] = (uint32_t)groups->n;
		groups->groups[groups->n++] =
			(struct group){.traceback = INTERN_NONE, .key = STRING_NONE};
	}
	return &groups->groups[groups->by_number[number]];
}

static uint32_t one_frame(struct groups *groups, uint32_t frame)
{
	return frames_traceback(groups->frames, &frame, 1);
}

__attribute__((format(printf, 2, 0))) static uint32_t
text_id(struct groups *groups, const char *format, const char *text, uint32_t number)
{
	char *made = xasprintf(format, text, number);
	uint32_t id = frames_string(groups->frames, made, strlen(made));

	free(made);
	return id;
}

/* A function's text: its name, or where it is when it has none. */
static uint32_t function_id(struct groups *groups, const struct frame *frame)
{
	if (frame->function != STRING_NONE)
		return frame->function;
	return text_id(groups, "%s:%u", frames_text(groups->frames, frame->file, NULL),
		       frame->line);
}

static uint32_t frame_number(struct groups *groups, uint32_t id)
{
	const struct frame *frame = frames_get(groups->frames, id);

	switch (groups->key) {
	case GROUP_FILENAME:
		return frame->file;
	case GROUP_FUNCTION:
		return function_id(groups, frame);
	case GROUP_MODULE:
		return frame->module != STRING_NONE ? frame->module
						    : frames_string(groups->frames, "<unknown>", 9);
	default:
		return frames_place(groups->frames, id);
	}
}

/* The group of a frame, and for a new one what represents it. */
/* A line that is none stands for all functions of a module: then no single one is named. */
static void name_several(struct groups *groups, struct group *group, const struct frame *frame)
{
	static const char words[] = "several functions";
	size_t n;
	const uint32_t *first = frames_traceback_get(groups->frames, group->traceback, &n);
	struct frame several = *frames_get(groups->frames, *first);

	if (several.has_line || several.function == frame->function)
		return;
	group->several = true;
	several.function = frames_string(groups->frames, words, sizeof words - 1);
	group->traceback = one_frame(groups, frames_frame(groups->frames, &several));
}

static struct group *frame_group(struct groups *groups, uint32_t id)
{
	uint32_t number = frame_number(groups, id);
	struct group *group = group_get(groups, number);

	if (group->traceback != INTERN_NONE) {
		if (groups->key == GROUP_LINENO && !group->several)
			name_several(groups, group, frames_get(groups->frames, id));
		return group;
	}
	if (groups->key == GROUP_FILENAME) {
		struct frame file = {.file = number, .function = STRING_NONE};

		file.module = frames_get(groups->frames, id)->module;
		file.has_line = frames_get(groups->frames, id)->has_line;
		id = frames_frame(groups->frames, &file);
	} else if (groups->key != GROUP_LINENO) {
		group->key = number;
	}
	group->traceback = one_frame(groups, id);
	return group;
}

static void count(struct adding *adding, struct group *group, struct amount amount)
{
	struct group_sums *sums = &group->sums[adding->side];

	sums->size = xsum(sums->size, amount.size);
	sums->count += amount.count;
}

/* What is here and below: each trace once, however often the function stands in its traceback. */
static void count_total(struct adding *adding, uint32_t stack, struct amount amount)
{
	size_t n;
	const uint32_t *ids = frames_traceback_get(adding->groups->frames,
						   snapshot_traceback(adding->snapshot, stack), &n);

	for (size_t i = 0; i < n; i++) {
		struct group *group = frame_group(adding->groups, ids[i]);

		if (group->last_stack == (uint64_t)stack + 1)
			continue;
		group->last_stack = (uint64_t)stack + 1;

		struct group_sums *sums = &group->sums[adding->side];

		sums->total_size = xsum(sums->total_size, amount.size);
		sums->total_count += amount.count;
	}
}

static void add_frames(struct adding *adding, uint32_t stack, struct amount amount)
{
	struct groups *groups = adding->groups;
	size_t n, i = snapshot_hidden_frames(adding->snapshot, stack);
	const uint32_t *ids = frames_traceback_get(groups->frames,
						   snapshot_traceback(adding->snapshot, stack), &n);

	for (; i < n; i++)
		count(adding, frame_group(groups, ids[i]), amount);
}

static void add_traceback(struct adding *adding, uint32_t stack, struct amount amount)
{
	struct groups *groups = adding->groups;
	uint32_t traceback = snapshot_traceback(adding->snapshot, stack);
	struct group *group = group_get(groups, frames_traceback_place(groups->frames, traceback));

	if (group->traceback == INTERN_NONE)
		group->traceback = traceback;
	count(adding, group, amount);
}

static void add_stack(struct adding *adding, uint32_t stack, struct amount amount)
{
	struct groups *groups = adding->groups;

	if (groups->key == GROUP_TRACEBACK) {
		add_traceback(adding, stack, amount);
		return;
	}
	if (groups->cumulative) {
		add_frames(adding, stack, amount);
		return;
	}
	count(adding, frame_group(groups, snapshot_first_frame(adding->snapshot, stack)), amount);
	if (groups->key == GROUP_FUNCTION || groups->key == GROUP_MODULE)
		count_total(adding, stack, amount);
}

static void expect_stacks(const struct adding *adding, const struct amount *amounts, size_t n)
{
	const struct groups *groups = adding->groups;
	bool *stacks = xcalloc(n, sizeof *stacks);

	for (size_t i = 0; i < n; i++)
		stacks[i] = amounts[i].count > 0;
	snapshot_expect(adding->snapshot, stacks,
			groups->cumulative ||
				(groups->key != GROUP_LINENO && groups->key != GROUP_FILENAME));
	free(stacks);
}

static void add_stacks(struct adding *adding)
{
	const struct snapshot *snapshot = adding->snapshot;
	size_t n = snapshot_stacks(snapshot);
	struct amount *amounts = xcalloc(n, sizeof *amounts);

	for (size_t i = 0; i < snapshot->n_traces; i++) {
		struct amount *amount = &amounts[snapshot->traces[i].stack];

		amount->size = xsum(amount->size, snapshot->traces[i].size);
		amount->count++;
	}
	expect_stacks(adding, amounts, n);
	for (size_t i = 0; i < n; i++)
		if (amounts[i].count)
			add_stack(adding, (uint32_t)i, amounts[i]);
	free(amounts);
}

static uint32_t domain_text(struct adding *adding, const struct snapshot_trace *trace)
{
	const char *name = snapshot_domain_name(adding->snapshot, trace->domain);

	return text_id(adding->groups, *name ? "%s (%u)" : "%s%u", name, trace->domain);
}

static uint32_t string_of(struct adding *adding, const char *text)
{
	return frames_string(adding->groups->frames, text, strlen(text));
}

static uint32_t process_text(struct adding *adding, const struct snapshot_trace *trace)
{
	const char *process = adding->snapshot->process;

	(void)trace;
	return string_of(adding, process ? process : "<unknown>");
}

/* Numbers of threads are those of their process. */
static uint32_t thread_text(struct adding *adding, const struct snapshot_trace *trace)
{
	const char *name = snapshot_thread_name(adding->snapshot, trace->thread),
		   *process = adding->snapshot->process;
	bool several = adding->groups->several && process;
	const char *before = several ? process : "", *blank = several ? " " : "";
	char *text;

	if (*name)
		text = xasprintf("%s%s%s (%u)", before, blank, name, trace->thread);
	else if (trace->thread)
		text = xasprintf("%s%sthread %u", before, blank, trace->thread);
	else
		text = xasprintf("%s%s<unknown>", before, blank);
	uint32_t id = string_of(adding, text);

	free(text);
	return id;
}

/* Keys that no stack tells. Runs of the same domain or thread make no text again. */
static void add_traces(struct adding *adding,
		       uint32_t (*text)(struct adding *, const struct snapshot_trace *))
{
	struct groups *groups = adding->groups;
	const struct snapshot_trace *before = NULL, *trace = adding->snapshot->traces;
	struct group *group = NULL;

	for (size_t i = 0; i < adding->snapshot->n_traces; i++, trace++) {
		if (!before || before->domain != trace->domain || before->thread != trace->thread) {
			uint32_t number = text(adding, trace);

			group = group_get(groups, number);
			group->key = number;
			group->traceback = one_frame(groups, frames_unknown(groups->frames));
		}
		count(adding, group, (struct amount){trace->size, 1});
		before = trace;
	}
}

void groups_add(struct groups *groups, struct snapshot *snapshot, enum group_side side)
{
	struct adding adding = {groups, snapshot, side};

	groups->frames = snapshot->frames;
	if (groups->key == GROUP_DOMAIN)
		add_traces(&adding, domain_text);
	else if (groups->key == GROUP_THREAD)
		add_traces(&adding, thread_text);
	else if (groups->key == GROUP_PROCESS)
		add_traces(&adding, process_text);
	else
		add_stacks(&adding);
	for (size_t i = 0; i < groups->n; i++)
		groups->groups[i].last_stack = 0;
}

void groups_release(struct groups *groups)
{
	free(groups->groups);
	free(groups->by_number);
	*groups = (struct groups){0};
}
