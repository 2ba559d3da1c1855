// SPDX-License-Identifier: MIT
/*
 * The text that Python's tracemalloc prints: str() of a Statistic or a StatisticDiff, one a line.
 */
#include "render.h"

/* str(traceback) is its oldest frame; a key that is no frame stands in its place. */
static void place_print(const struct report *report, const struct report_row *row, FILE *out)
{
	size_t size, n;
	const char *key = report_key_text(report, row, &size);

	if (key) {
		fwrite(key, 1, size, out);
		return;
	}
	const uint32_t *ids = frames_traceback_get(report->frames, row->traceback, &n);
	const struct frame *frame = frames_get(report->frames, ids[n - 1]);
	const char *file = frames_text(report->frames, frame->file, &size);

	fwrite(file, 1, size, out);
	fprintf(out, ":%u", frame->line);
}

void render_plain(const struct report *report, FILE *out)
{
	char size[SIZE_TEXT_MAX], change[SIZE_TEXT_MAX], average[SIZE_TEXT_MAX];

	for (size_t i = 0; i < report->n_shown; i++) {
		const struct report_row *row = &report->rows[i];

		place_print(report, row, out);
		fprintf(out, ": size=%s", size_text((double)row->size, false, size));
		if (report->old)
			fprintf(out, " (%s)", size_text((double)row->size_diff, true, change));
		fprintf(out, ", count=%llu", (unsigned long long)row->count);
		if (report->old)
			fprintf(out, " (%+lld)", (long long)row->count_diff);
		if (row->count)
			fprintf(out, ", average=%s",
				size_text((double)row->size / (double)row->count, false, average));
		fputc('\n', out);
	}
}
