// SPDX-License-Identifier: MIT
/*
 * From operands to a list of traces.
 */
#include "sum_operands.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "die.h"
#include "trace_folder.h"

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool sum_operand_is_folder(const char *operand)
{
	struct operand parsed;

	if (!operand || *operand == '@')
		return false;
	operand_parse(&parsed, operand);
	bool folder = is_folder(parsed.path);

	operand_release(&parsed);
	return folder;
}

void sum_part_leave_out(struct sum_part *part, char *message)
{
	if (!part->found)
		die("%s", message);
	warn("%s; it is left out", message);
	part->problem = message;
}

/* Standard input is read at once, of a file only the head. */
static void read_head(struct sum_part *part)
{
	const char *path = part->operand.path;
	char *message = NULL;

	part->head = (struct trace_head){0};
	if (strcmp(path, "-") == 0) {
		part->trace = trace_open(path, &message);
		if (part->trace)
			trace_head_of(&part->head, part->trace);
	} else {
		trace_head_read(&part->head, path, &message);
	}
	if (message)
		sum_part_leave_out(part, message);
}

static struct sum_part *add_part(struct sum_operands *operands)
{
	if (operands->n == operands->cap) {
		operands->cap = operands->cap * 2 + 16;
		operands->parts =
			xreallocarray(operands->parts, operands->cap, sizeof *operands->parts);
	}
	struct sum_part *part = &operands->parts[operands->n++];

	*part = (struct sum_part){0};
	return part;
}

static void add_folder(struct sum_operands *operands, const struct operand *folder)
{
	size_t n;
	char **paths = trace_folder_list(folder->path, &n);

	if (!paths)
		die("%s:", folder->path);
	if (!n)
		die("%s: no traces (*.tmz) in this folder", folder->path);
	for (size_t i = 0; i < n; i++) {
		struct sum_part *part = add_part(operands);

		part->found = true;
		operand_at(&part->operand, paths[i], folder);
	}
	free(paths);
}

static void add_operand(struct sum_operands *operands, const char *text, bool only)
{
	struct operand operand;

	operand_parse(&operand, text);
	if (is_folder(operand.path)) {
		add_folder(operands, &operand);
		operands->folder = only ? xstrdup(operand.path) : NULL;
		operand_release(&operand);
	} else {
		add_part(operands)->operand = operand;
	}
}

static void release_part(struct sum_part *part)
{
	operand_release(&part->operand);
	trace_head_release(&part->head);
	trace_close(part->trace);
	free(part->process);
	free(part->problem);
}

/* Of one recording that itself comes before copies, and what the user names before what is found. */
static int compare_recordings(const void *left, const void *right)
{
	const struct sum_part *a = *(const struct sum_part *const *)left,
			      *b = *(const struct sum_part *const *)right;
	int order = trace_head_compare(&a->head, &b->head);

	if (!order)
		order = a->found - b->found;
	if (!order)
		order = a->head.snapshot - b->head.snapshot;
	return order ? order : (a > b) - (a < b);
}

static int compare_names(const void *left, const void *right)
{
	const struct sum_part *a = *(const struct sum_part *const *)left,
			      *b = *(const struct sum_part *const *)right;
	int order = strcmp(a->head.process, b->head.process);

	if (!order)
		order = (a->head.time_ns > b->head.time_ns) - (a->head.time_ns < b->head.time_ns);
	return order ? order : (a > b) - (a < b);
}

struct sum_part **sum_operands_in_order(const struct sum_operands *operands, size_t *n,
					int (*compare)(const void *, const void *))
{
	struct sum_part **parts = xreallocarray(NULL, operands->n, sizeof *parts);

	*n = 0;
	for (size_t i = 0; i < operands->n; i++)
		if (!operands->parts[i].problem)
			parts[(*n)++] = &operands->parts[i];
	qsort(parts, *n, sizeof *parts, compare);
	return parts;
}

static void warn_of_copy(const struct sum_part *copy, const struct sum_part *counts)
{
	warn("%s@%s is of a recording that counts once, as %s@%s", trace_name(copy->operand.path),
	     copy->operand.moment.text, trace_name(counts->operand.path),
	     counts->operand.moment.text);
}

/* Further files of a recording are no further process. */
static void drop_copies(struct sum_operands *operands)
{
	size_t n, kept = 0;
	struct sum_part **parts = sum_operands_in_order(operands, &n, compare_recordings);
	bool *copies = xcalloc(operands->n, sizeof *copies);

	for (size_t i = 1, first = 0; i < n; i++) {
		if (trace_head_compare(&parts[first]->head, &parts[i]->head) != 0) {
			first = i;
			continue;
		}
		warn_of_copy(parts[i], parts[first]);
		copies[parts[i] - operands->parts] = true;
	}
	for (size_t i = 0; i < operands->n; i++)
		if (copies[i])
			release_part(&operands->parts[i]);
		else
			operands->parts[kept++] = operands->parts[i];
	operands->n = kept;
	free(copies);
	free(parts);
}

/* An exec of the same program, or processes of different machines: in the order of their time. */
static void name_processes(struct sum_operands *operands)
{
	size_t n, end;
	struct sum_part **parts = sum_operands_in_order(operands, &n, compare_names);

	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n; end++)
			if (strcmp(parts[i]->head.process, parts[end]->head.process) != 0)
				break;
		for (size_t k = i; k < end; k++)
			parts[k]->process =
				end - i == 1
					? xstrdup(parts[k]->head.process)
					: xasprintf("%s#%zu", parts[k]->head.process, k - i + 1);
	}
	free(parts);
}

static void check_standard_input(const struct sum_operands *operands)
{
	size_t n = 0;

	for (size_t i = 0; i < operands->n; i++)
		n += strcmp(operands->parts[i].operand.path, "-") == 0;
	if (n > 1)
		die_usage("standard input can be read but once");
}

void sum_operands_open(struct sum_operands *operands, char *const *texts, size_t n)
{
	*operands = (struct sum_operands){0};
	for (size_t i = 0; i < n; i++)
		add_operand(operands, texts[i], n == 1);
	check_standard_input(operands);
	for (size_t i = 0; i < operands->n; i++)
		read_head(&operands->parts[i]);
	drop_copies(operands);
	name_processes(operands);
}

void sum_operands_release(struct sum_operands *operands)
{
	for (size_t i = 0; i < operands->n; i++)
		release_part(&operands->parts[i]);
	free(operands->parts);
	free(operands->folder);
	*operands = (struct sum_operands){0};
}

size_t sum_operands_processes(const struct sum_operands *operands)
{
	size_t n, processes = 0;
	struct sum_part **parts = sum_operands_in_order(operands, &n, compare_recordings);

	for (size_t i = 0; i < n; i++)
		processes += !i || !trace_head_same_process(&parts[i - 1]->head, &parts[i]->head);
	free(parts);
	return processes;
}
