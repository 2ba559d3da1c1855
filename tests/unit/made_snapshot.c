// SPDX-License-Identifier: MIT
/*
 * Snapshots from text.
 */
#include "tests/unit/made_snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/die.h"
#include "analyzer/snapshot_file.h"
#include "tests/test.h"

struct snapshot *made_import(const char *text, struct frames *frames, char **message)
{
	const char *path = test_path("made.jsonl");
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
	return jsonl_import(path, frames, message);
}

/* One line; AT stands at its begin and moves behind it. */
static void put_line(FILE *out, const char **at)
{
	unsigned domain;
	unsigned long long size;
	int skipped;
	const char *comma = "";

	sscanf(*at, "%u %llu %n", &domain, &size, &skipped);
	*at += skipped;
	fprintf(out, "{\"domain\":%u,\"size\":%llu,\"traceback\":[", domain, size);
	while (**at && **at != '\n') {
		size_t name = strcspn(*at, ":"), line = strcspn(*at + name + 1, "<\n");

		fprintf(out, "%s[\"%.*s\",%.*s]", comma, (int)name, *at, (int)line, *at + name + 1);
		*at += name + 1 + line;
		*at += **at == '<';
		comma = ",";
	}
	*at += **at == '\n';
	fputs("]}\n", out);
}

struct snapshot *made_snapshot(struct frames *frames, const char *lines)
{
	char *text, *message = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	while (*lines)
		put_line(out, &lines);
	fclose(out);
	struct snapshot *snapshot = made_import(text, frames, &message);

	CHECK_STR(message, NULL);
	free(text);
	return snapshot;
}

char *made_text(const struct frames *frames, uint32_t traceback)
{
	size_t n, size;
	const uint32_t *ids = frames_traceback_get(frames, traceback, &n);
	char *text;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < n; i++) {
		const struct frame *frame = frames_get(frames, ids[i]);

		fprintf(out, "%s%s:%u", i ? "<" : "", frames_text(frames, frame->file, NULL),
			frame->line);
	}
	fclose(out);
	return text;
}
