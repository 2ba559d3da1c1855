// SPDX-License-Identifier: MIT
/*
 * make_snapshot TRACES STACKS DEPTH SEED OUT.tmz: a snapshot as `tmtrace snapshot` writes it, with as
 * many traces of as many distinct tracebacks as are asked for.
 *
 * The tracebacks are those of a program: half of their frames are shared with many others. Another
 * SEED has other sizes and leaves every sixteenth trace out, so that the two can be compared.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/die.h"
#include "analyzer/snapshot_file.h"
#include "common/hash.h"

#define FILES 400
#define LINES 500
#define DEPTH_MOST 512

static uint32_t random_frame(struct frames *frames, uint64_t number)
{
	char file[32];
	int size =
		snprintf(file, sizeof file, "src/part%u/file%u.c",
			 (unsigned)(hash_mix(number) % 20), (unsigned)(hash_mix(number) % FILES));

	return frames_frame(frames,
			    &(struct frame){
				    .file = frames_string(frames, file, (size_t)size),
				    .line = 1 + (uint32_t)(hash_mix(number) / FILES % LINES),
				    .function = STRING_NONE,
				    .module = STRING_NONE,
				    .has_line = true,
			    });
}

/* The outer half of a traceback is that of a few hundred paths through the program. */
static uint32_t make_traceback(struct frames *frames, uint32_t stack, unsigned depth)
{
	uint32_t ids[DEPTH_MOST];

	for (unsigned i = 0; i < depth; i++) {
		unsigned level = depth - 1 - i; /* from the outermost */
		uint64_t path = level < depth / 2 ? stack % 300 >> (depth / 2 - level) / 2 : stack;

		ids[i] = random_frame(frames, path * 1000 + level);
	}
	ids[0] = random_frame(frames, UINT64_C(1) << 40 | stack / LINES);
	return frames_traceback(frames, ids, depth);
}

static uint32_t find_traceback(void *arg, uint32_t stack)
{
	return ((const uint32_t *)arg)[stack];
}

static struct snapshot_trace *make_traces(size_t *n, uint32_t stacks, unsigned depth, uint64_t seed)
{
	struct snapshot_trace *traces = xreallocarray(NULL, *n, sizeof *traces);
	size_t kept = 0;

	for (uint64_t i = 0; i < *n; i++) {
		uint64_t chance = hash_mix(i + seed * 0x9e3779b97f4a7c15u);

		if (seed && i >= stacks && chance % 16 == 0)
			continue;
		traces[kept++] = (struct snapshot_trace){
			.address = 0x7f0000000000 + i * 32,
			.size = 16 + chance % 4096,
			.stack = (uint32_t)(i < stacks ? i : hash_mix(i) % stacks),
			.total_nframe = depth,
		};
	}
	*n = kept;
	return traces;
}

int main(int argc, char **argv)
{
	if (argc != 6)
		die_usage("make_snapshot TRACES STACKS DEPTH SEED OUT.tmz");
	size_t n = strtoull(argv[1], NULL, 10);
	uint32_t stacks = (uint32_t)strtoul(argv[2], NULL, 10);
	unsigned depth = (unsigned)strtoul(argv[3], NULL, 10);
	struct frames *frames = frames_new();
	FILE *out = fopen(argv[5], "w");
	char *message;

	if (!out || !n || !stacks || !depth || depth > DEPTH_MOST)
		die("%s: cannot be made", argv[5]);
	uint32_t *tracebacks = xreallocarray(NULL, stacks, sizeof *tracebacks);

	for (uint32_t i = 0; i < stacks; i++)
		tracebacks[i] = make_traceback(frames, i, depth);
	struct snapshot *snapshot =
		snapshot_new(frames,
			     &(struct snapshot_stacks){
				     .n = stacks, .traceback = find_traceback, .arg = tracebacks},
			     "the end");

	snapshot->traces = make_traces(&n, stacks, depth, strtoull(argv[4], NULL, 10));
	snapshot->n_traces = snapshot->event = n;
	if (snapshot_save(snapshot, NULL, out, &message) < 0 || fclose(out) != 0)
		die("%s: %s", argv[5], message);
	printf("%zu traces\n", n);
	snapshot_free(snapshot);
	frames_free(frames);
	free(tracebacks);
	return 0;
}
