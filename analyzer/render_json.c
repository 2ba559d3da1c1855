// SPDX-License-Identifier: MIT
/*
 * One JSON object: what was asked, totals, and a line for each statistic. Integers are exact.
 */
#include <string.h>

#include "json_write.h"
#include "render.h"

static void text_print(const char *text, FILE *out)
{
	json_string(text, strlen(text), out);
}

static void at_print(const struct operand *operand, uint64_t event, uint64_t time_ns, FILE *out)
{
	fputs("{\"text\":", out);
	text_print(operand->moment.text, out);
	fprintf(out, ",\"event\":%llu,\"time_s\":", (unsigned long long)event);
	json_seconds(time_ns, out);
	fputc('}', out);
}

static void moment_print(const struct view *view, FILE *out)
{
	at_print(&view->operand, view->snapshot->event, view->snapshot->time_ns, out);
}

static void total_print(uint64_t size, uint64_t count, FILE *out)
{
	fprintf(out, "{\"size\":%llu,\"count\":%llu}", (unsigned long long)size,
		(unsigned long long)count);
}

static void part_print(const struct sum_part *part, FILE *out)
{
	fputs("{\"trace\":", out);
	text_print(part->operand.path, out);
	if (part->problem) {
		fputs(",\"problem\":", out);
		text_print(part->problem, out);
		fputc('}', out);
		return;
	}
	fputs(",\"process\":", out);
	text_print(part->process, out);
	fprintf(out, ",\"pid\":%llu,\"at\":", (unsigned long long)part->head.pid);
	at_print(&part->operand, part->event, part->time_ns, out);
	fputs(",\"total\":", out);
	total_print(part->size, part->count, out);
	fputc('}', out);
}

/* What was summed, and what was left out, each a list. */
static void sum_print(const struct sum *sum, FILE *out)
{
	for (int problem = 0; problem <= 1; problem++) {
		const char *before = "\n";

		fputs(problem ? "],\n\"left_out\":[" : "{\"traces\":[", out);
		for (size_t i = 0; i < sum->operands.n; i++) {
			const struct sum_part *part = &sum->operands.parts[i];

			if (!part->problem != !problem)
				continue;
			fputs(before, out);
			part_print(part, out);
			before = ",\n";
		}
	}
	fprintf(out, "],\n\"processes\":%zu", sum->n_processes);
}

/* Which traces, when. */
static void subject_print(const struct report *report, FILE *out)
{
	if (report->sum) {
		sum_print(report->sum, out);
		return;
	}
	if (report->old) {
		fputs("{\"old\":", out);
		text_print(report->old->operand.path, out);
		fputs(",\"new\":", out);
		text_print(report->view->operand.path, out);
		fputs(",\n\"old_at\":", out);
		moment_print(report->old, out);
		fputs(",\"new_at\":", out);
	} else {
		fputs("{\"trace\":", out);
		text_print(report->view->operand.path, out);
		fputs(",\"at\":", out);
	}
	moment_print(report->view, out);
}

static void heading_print(const struct report *report, FILE *out)
{
	subject_print(report, out);
	fprintf(out, ",\n\"group_by\":\"%s\",\"cumulative\":%s",
		group_key_names[report->query->key], report->query->cumulative ? "true" : "false");
	if (report->old) {
		fputs(",\"old_total\":", out);
		total_print(report->old->snapshot->size, report->old->snapshot->n_traces, out);
		fputs(",\"new_total\":", out);
	} else {
		fputs(",\"total\":", out);
	}
	total_print(report->size, report->count, out);
	fprintf(out, ",\"groups\":%zu,\n\"statistics\":[", report->n_rows);
}

static void row_print(const struct report *report, const struct report_row *row, FILE *out)
{
	size_t size;
	const char *key = report_key_text(report, row, &size);

	fprintf(out, "{\"size\":%llu", (unsigned long long)row->size);
	if (report->old)
		fprintf(out, ",\"size_diff\":%lld", (long long)row->size_diff);
	fprintf(out, ",\"count\":%llu", (unsigned long long)row->count);
	if (report->old)
		fprintf(out, ",\"count_diff\":%lld", (long long)row->count_diff);
	if (report->has_totals)
		fprintf(out, ",\"total_size\":%llu,\"total_count\":%llu",
			(unsigned long long)row->total_size, (unsigned long long)row->total_count);
	if (key) {
		fputs(",\"key\":", out);
		json_string(key, size, out);
	} else {
		fputs(",\"traceback\":", out);
		json_traceback(report->frames, row->traceback, out);
	}
	fputc('}', out);
}

void render_json(const struct report *report, FILE *out)
{
	heading_print(report, out);
	for (size_t i = 0; i < report->n_shown; i++) {
		fputs(i ? ",\n" : "\n", out);
		row_print(report, &report->rows[i], out);
	}
	fputs("]}\n", out);
}
