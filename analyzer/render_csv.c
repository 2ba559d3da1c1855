// SPDX-License-Identifier: MIT
/*
 * Comma-separated values with the quoting of RFC 4180, lines ended by a newline.
 *
 * A traceback is its frames, most recent first, joined with " < ".
 */
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "render.h"

static void field_print(const char *text, size_t size, FILE *out)
{
	bool plain = true;

	for (size_t i = 0; i < size; i++)
		plain &= !strchr("\",\r\n", text[i]) || !text[i];
	if (plain && size && text[0] != ' ' && text[size - 1] != ' ') {
		fwrite(text, 1, size, out);
		return;
	}
	fputc('"', out);
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '"')
			fputc('"', out);
		fputc(text[i], out);
	}
	fputc('"', out);
}

static void location_print(const struct report *report, const struct report_row *row, FILE *out)
{
	size_t n, size, length;
	const char *key = report_key_text(report, row, &size);
	char *text = NULL;

	if (key) {
		field_print(key, size, out);
		return;
	}
	const uint32_t *ids = frames_traceback_get(report->frames, row->traceback, &n);
	FILE *memory = open_memstream(&text, &length);

	if (!memory)
		die("out of memory: cannot format a traceback");
	for (size_t i = 0; i < n; i++) {
		const struct frame *frame = frames_get(report->frames, ids[i]);
		const char *file = frames_text(report->frames, frame->file, &size);

		fputs(i ? " < " : "", memory);
		fwrite(file, 1, size, memory);
		fprintf(memory, ":%u", frame->line);
	}
	fclose(memory);
	field_print(text, length, out);
	free(text);
}

/* The shortest decimal that reads back as the same double. */
static void average_print(double average, FILE *out)
{
	char text[40];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, average);
		if (strtod(text, NULL) == average)
			break;
	}
	fputs(text, out);
}

void render_csv(const struct report *report, FILE *out)
{
	bool diff = report->old;

	fputs(diff ? "size,size_diff,count,count_diff,average,location\n"
		   : "size,count,average,location\n",
	      out);
	for (size_t i = 0; i < report->n_shown; i++) {
		const struct report_row *row = &report->rows[i];

		fprintf(out, "%llu,", (unsigned long long)row->size);
		if (diff)
			fprintf(out, "%lld,", (long long)row->size_diff);
		fprintf(out, "%llu,", (unsigned long long)row->count);
		if (diff)
			fprintf(out, "%lld,", (long long)row->count_diff);
		if (row->count)
			average_print((double)row->size / (double)row->count, out);
		fputc(',', out);
		location_print(report, row, out);
		fputc('\n', out);
	}
}
