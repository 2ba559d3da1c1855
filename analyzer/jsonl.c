// SPDX-License-Identifier: MIT
/*
 * Snapshots from and to JSON Lines.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "intern.h"
#include "json_read.h"
#include "json_write.h"
#include "snapshot_file.h"

#define TOTAL_NFRAME_MAX 65535u
#define ADDRESS_STEP 16 /* traces without an address get one each, as if from an allocator */

enum key { KEY_DOMAIN, KEY_SIZE, KEY_TRACEBACK, KEY_TOTAL_NFRAME, KEY_END };

static const char *const key_names[KEY_END] = {"domain", "size", "traceback", "total_nframe"};

/* The snapshot in the making; afterwards what stands behind its stack numbers. */
struct imported {
	struct frames *frames;
	struct snapshot_trace *traces;
	size_t n_traces, cap_traces;
	uint32_t *tracebacks; /* by stack number */
	size_t n_stacks, cap_stacks;
	uint32_t *stacks; /* by traceback number, INTERN_NONE */
	size_t cap_by_traceback;
	uint32_t *chain; /* frames of the line */
	size_t n_chain, cap_chain;
	struct json json;
};

struct line {
	uint64_t values[KEY_END];
	bool seen[KEY_END];
};

static void read_frame(struct imported *imported)
{
	struct json *json = &imported->json;
	const char *file;
	size_t size;
	uint64_t line;

	json_take(json, '[', "a frame, [\"file\",line]");
	if (!json_text(json, &file, &size, "a file name"))
		return;
	uint32_t name = frames_string(imported->frames, file, size);

	json_take(json, ',', "',' and a line number");
	json_integer(json, UINT32_MAX, &line, "a line number from 0 to 4294967295");
	if (!json_take(json, ']', "']' after the line number"))
		return;
	if (imported->n_chain == imported->cap_chain) {
		imported->cap_chain = imported->cap_chain * 2 + 64;
		imported->chain = xreallocarray(imported->chain, imported->cap_chain,
						sizeof *imported->chain);
	}
	imported->chain[imported->n_chain++] =
		frames_frame(imported->frames, &(struct frame){
						       .file = name,
						       .line = (uint32_t)line,
						       .function = STRING_NONE,
						       .module = STRING_NONE,
						       .has_line = line != 0,
					       });
}

static void read_traceback(struct imported *imported)
{
	struct json *json = &imported->json;

	imported->n_chain = 0;
	if (!json_take(json, '[', "a traceback, [[\"file\",line],...]"))
		return;
	do
		read_frame(imported);
	while (json_is(json, ','));
	json_take(json, ']', "',' or ']' after a frame");
}

static void read_value(struct imported *imported, enum key key, uint64_t *value)
{
	struct json *json = &imported->json;

	switch (key) {
	case KEY_DOMAIN:
		json_integer(json, UINT32_MAX, value, "a domain from 0 to 4294967295");
		break;
	case KEY_SIZE:
		json_integer(json, INT64_MAX, value, "a size from 0 to 9223372036854775807");
		break;
	case KEY_TRACEBACK:
		read_traceback(imported);
		break;
	case KEY_TOTAL_NFRAME:
		json_integer(json, TOTAL_NFRAME_MAX, value, "a total_nframe from 1 to 65535");
		break;
	case KEY_END:
		json_skip(json);
		break;
	}
}

static enum key find_key(const char *text, size_t size)
{
	enum key key = KEY_DOMAIN;

	while (key < KEY_END &&
	       (strlen(key_names[key]) != size || memcmp(key_names[key], text, size) != 0))
		key++;
	return key;
}

static void read_member(struct imported *imported, struct line *line)
{
	struct json *json = &imported->json;
	const char *at = json->at, *text;
	size_t size;
	uint64_t value = 0;

	if (!json_text(json, &text, &size, "a key"))
		return;
	enum key key = find_key(text, size);

	if (!json_take(json, ':', "':' after the key"))
		return;
	if (key < KEY_END && line->seen[key]) {
		json_wrong(json, at, "each key once");
		return;
	}
	read_value(imported, key, &value);
	if (key < KEY_END) {
		line->seen[key] = true;
		line->values[key] = value;
	}
}

/* The number that TRACEBACK has as a stack of this snapshot. */
static uint32_t stack_of(struct imported *imported, uint32_t traceback)
{
	if (traceback >= imported->cap_by_traceback) {
		size_t cap = (size_t)traceback * 2 + 64;

		imported->stacks = xreallocarray(imported->stacks, cap, sizeof *imported->stacks);
		memset(imported->stacks + imported->cap_by_traceback, 0xff,
		       (cap - imported->cap_by_traceback) * sizeof *imported->stacks);
		imported->cap_by_traceback = cap;
	}
	if (imported->stacks[traceback] == INTERN_NONE) {
		if (imported->n_stacks == imported->cap_stacks) {
			imported->cap_stacks = imported->cap_stacks * 2 + 64;
			imported->tracebacks =
				xreallocarray(imported->tracebacks, imported->cap_stacks,
					      sizeof *imported->tracebacks);
		}
		imported->tracebacks[imported->n_stacks] = traceback;
		imported->stacks[traceback] = (uint32_t)imported->n_stacks++;
	}
	return imported->stacks[traceback];
}

static void add_trace(struct imported *imported, const struct line *line)
{
	uint32_t traceback = frames_traceback(imported->frames, imported->chain, imported->n_chain);

	if (imported->n_traces == imported->cap_traces) {
		imported->cap_traces = imported->cap_traces * 2 + 64;
		imported->traces = xreallocarray(imported->traces, imported->cap_traces,
						 sizeof *imported->traces);
	}
	imported->traces[imported->n_traces] = (struct snapshot_trace){
		.address = (imported->n_traces + 1) * ADDRESS_STEP,
		.size = line->values[KEY_SIZE],
		.stack = stack_of(imported, traceback),
		.domain = (uint32_t)line->values[KEY_DOMAIN],
		.total_nframe = (uint32_t)line->values[KEY_TOTAL_NFRAME],
	};
	imported->n_traces++;
}

/* What has to hold of a whole line, beyond its form. */
static void check_line(struct imported *imported, struct line *line)
{
	struct json *json = &imported->json;
	size_t least = imported->n_chain < TOTAL_NFRAME_MAX ? imported->n_chain : TOTAL_NFRAME_MAX;

	if (!line->seen[KEY_DOMAIN])
		json_wrong(json, json->end, "\"domain\"");
	if (!line->seen[KEY_SIZE])
		json_wrong(json, json->end, "\"size\"");
	if (!line->seen[KEY_TRACEBACK])
		json_wrong(json, json->end, "\"traceback\"");
	if (!line->seen[KEY_TOTAL_NFRAME])
		line->values[KEY_TOTAL_NFRAME] = least;
	if (line->values[KEY_TOTAL_NFRAME] < least)
		json_wrong(json, json->end, "a total_nframe from the number of frames to 65535");
}

static bool read_line(struct imported *imported, const char *text, size_t size)
{
	struct json *json = &imported->json;
	struct line line = {0};

	*json = json_from(text, size, json);
	if (json_take(json, '{',
		      "a trace, {\"domain\":D,\"size\":N,\"traceback\":[[\"file\",line],...]}")) {
		do
			read_member(imported, &line);
		while (json_is(json, ','));
		json_take(json, '}', "',' or '}' after a value");
	}
	if (!json->wrong) {
		json_is(json, '\n');
		if (json->at != json->end)
			json_wrong(json, json->at, "the end of the line after '}'");
	}
	if (!json->wrong)
		check_line(imported, &line);
	if (!json->wrong)
		add_trace(imported, &line);
	return !json->wrong;
}

/* "x.jsonl: line 3: expected a size from 0 to 9223372036854775807 at '-1}'" */
static char *line_message(const struct imported *imported, const char *path, uint64_t number)
{
	const struct json *json = &imported->json;
	int left = (int)(json->end - json->at < 24 ? json->end - json->at : 24);

	while (left > 0 && (unsigned char)json->at[left - 1] < ' ')
		left--;
	for (int i = 0; i < left; i++)
		if ((unsigned char)json->at[i] < ' ' || (unsigned char)json->at[i] >= 0x7f)
			left = i;
	if (left == 0)
		return xasprintf("%s: line %llu: expected %s", path, (unsigned long long)number,
				 json->wrong);
	return xasprintf("%s: line %llu: expected %s at '%.*s'", path, (unsigned long long)number,
			 json->wrong, left, json->at);
}

static int read_lines(struct imported *imported, FILE *in, const char *path, char **message)
{
	char *text = NULL;
	size_t cap = 0;
	ssize_t size;
	uint64_t number = 0;
	int result = 0;

	while (result == 0 && (size = getline(&text, &cap, in)) >= 0) {
		number++;
		if (!read_line(imported, text, (size_t)size)) {
			*message = line_message(imported, path, number);
			result = -1;
		}
	}
	if (result == 0 && ferror(in)) {
		*message = xasprintf("%s: %s", path, strerror(errno));
		result = -1;
	}
	free(text);
	return result;
}

static uint32_t find_traceback(void *arg, uint32_t stack)
{
	return ((struct imported *)arg)->tracebacks[stack];
}

static uint32_t find_first(void *arg, uint32_t stack, bool show_allocators)
{
	const struct imported *imported = arg;
	size_t n;

	(void)show_allocators; /* frames without functions are never hidden */
	return *frames_traceback_get(imported->frames, imported->tracebacks[stack], &n);
}

static void imported_free(void *arg)
{
	struct imported *imported = arg;

	free(imported->traces);
	free(imported->tracebacks);
	free(imported->stacks);
	free(imported->chain);
	json_release(&imported->json);
	free(imported);
}

static struct snapshot *make_snapshot(struct imported *imported)
{
	struct snapshot *snapshot = snapshot_new(imported->frames,
						 &(struct snapshot_stacks){
							 .n = imported->n_stacks,
							 .traceback = find_traceback,
							 .first = find_first,
							 .release = imported_free,
							 .arg = imported,
						 },
						 "the end");

	snapshot->traces = imported->traces;
	snapshot->n_traces = imported->n_traces;
	imported->traces = NULL;
	for (size_t i = 0; i < snapshot->n_traces; i++)
		snapshot->size = snapshot_sum(snapshot->size, snapshot->traces[i].size);
	snapshot->event = snapshot->n_traces;
	return snapshot;
}

struct snapshot *jsonl_import(const char *path, struct frames *frames, char **message)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *in = standard ? stdin : fopen(path, "re");
	const char *name = standard ? "standard input" : path;

	if (!in) {
		*message = xasprintf("%s: %s", name, strerror(errno));
		return NULL;
	}
	struct imported *imported = xcalloc(1, sizeof *imported);

	imported->frames = frames;
	int result = read_lines(imported, in, name, message);

	if (!standard)
		fclose(in);
	if (result == 0)
		return make_snapshot(imported);
	imported_free(imported);
	return NULL;
}

/*
 * Frames that stand in the file and those that were cut off: an inlined call counts as a frame
 * here.
 */
static uint64_t total_nframe(struct snapshot *snapshot, const struct snapshot_trace *trace,
			     uint32_t traceback)
{
	size_t n, physical = 0;
	const uint32_t *ids = frames_traceback_get(snapshot->frames, traceback, &n);
	uint64_t total;

	for (size_t i = 0; i < n; i++)
		physical += !frames_get(snapshot->frames, ids[i])->inlined;
	total = n + (trace->total_nframe > physical ? trace->total_nframe - physical : 0);
	return total < TOTAL_NFRAME_MAX ? total : TOTAL_NFRAME_MAX;
}

void jsonl_export(struct snapshot *snapshot, FILE *out)
{
	snapshot_expect(snapshot, NULL, true);
	for (size_t i = 0; i < snapshot->n_traces && !ferror(out); i++) {
		const struct snapshot_trace *trace = &snapshot->traces[i];
		uint32_t traceback = snapshot_traceback(snapshot, trace->stack);

		fprintf(out, "{\"domain\":%u,\"size\":%llu,\"traceback\":", trace->domain,
			(unsigned long long)trace->size);
		json_traceback(snapshot->frames, traceback, out);
		fprintf(out, ",\"total_nframe\":%llu}\n",
			(unsigned long long)total_nframe(snapshot, trace, traceback));
	}
}
