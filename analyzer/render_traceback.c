// SPDX-License-Identifier: MIT
/*
 * Every group with the lines of its traceback, as Python's Traceback.format() makes them.
 */
#include "render.h"
#include "lines.h"

void render_select(int64_t limit, size_t n_frames, size_t *first, size_t *n)
{
	uint64_t dropped = limit < 0 ? -(uint64_t)limit : 0;

	*first = dropped < n_frames ? (size_t)dropped : n_frames;
	*n = n_frames - *first;
	if (limit >= 0 && (uint64_t)limit < *n)
		*n = (size_t)limit;
}

static void frame_print(const struct frames *frames, const struct frame *frame, struct lines *lines,
			FILE *out)
{
	size_t size;
	const char *text = frames_text(frames, frame->file, &size);

	fputs("  File \"", out);
	fwrite(text, 1, size, out);
	fprintf(out, "\", line %u\n", frame->line);
	if (lines_find(lines, frame, &text, &size) == LINE_TEXT) {
		fputs("    ", out);
		fwrite(text, 1, size, out);
		fputc('\n', out);
	}
}

void render_frames(const struct frames *frames, uint32_t traceback, const struct query *query,
		   struct lines *lines, FILE *out)
{
	size_t n_frames, first, n;
	const uint32_t *ids = frames_traceback_get(frames, traceback, &n_frames);

	render_select(query->frames, n_frames, &first, &n);
	for (size_t i = 0; i < n; i++) {
		size_t at = query->most_recent_first ? first + i : first + n - 1 - i;

		frame_print(frames, frames_get(frames, ids[at]), lines, out);
	}
}

void render_traceback(const struct report *report, FILE *out)
{
	struct lines *lines =
		lines_new(report->frames, report->view->trace, report->query->symbols.sysroot,
			  &report->query->source_dirs);

	for (size_t i = 0; i < report->n_shown; i++) {
		const struct report_row *row = &report->rows[i];
		size_t size;
		const char *key = report_key_text(report, row, &size);

		fprintf(out, "%llu memory blocks: %.1f KiB", (unsigned long long)row->count,
			(double)row->size / 1024);
		if (report->old)
			fprintf(out, " (%+lld, %+.1f KiB)", (long long)row->count_diff,
				(double)row->size_diff / 1024);
		fputc('\n', out);
		if (key)
			fprintf(out, "  %.*s\n", (int)size, key);
		else
			render_frames(report->frames, row->traceback, report->query, lines, out);
	}
	lines_free(lines);
}
