// SPDX-License-Identifier: MIT
/*
 * Numbers for the frames of a snapshot, for which names chunks say what they stand for.
 *
 * A physical frame is a frame with all that was inlined into it: in a traceback, a run of inlined
 * frames and the one behind it. Equal runs have one number.
 */
#include <stdlib.h>

#include "arena.h"
#include "die.h"
#include "names_writer.h"
#include "snapshot_save.h"

struct save_names {
	struct frames *runs; /* interns the runs, as tracebacks, from 0 */
	struct arena arena;
	uint32_t *chain; /* of the stack in the making */
	size_t chain_cap;
	size_t n_runs;
};

/* Room for a number more of the chain of a stack. */
static void chain_put(struct save_names *names, size_t n, uint32_t number)
{
	if (n >= names->chain_cap) {
		names->chain_cap = n * 2 + 64;
		names->chain = xreallocarray(names->chain, names->chain_cap, sizeof *names->chain);
	}
	names->chain[n] = number;
}

static void number_stack(struct save *save, uint32_t stack)
{
	struct save_names *names = save->names;
	struct frames *frames = save->snapshot->frames;
	size_t n, numbered = 0, begin = 0;
	const uint32_t *ids =
		frames_traceback_get(frames, snapshot_traceback(save->snapshot, stack), &n);

	for (size_t i = 0; i < n; i++) {
		if (frames_get(frames, ids[i])->inlined && i + 1 < n)
			continue;
		uint32_t run = frames_traceback(names->runs, ids + begin, i + 1 - begin);

		if (run >= names->n_runs)
			names->n_runs = (size_t)run + 1;
		chain_put(names, numbered++, run);
		begin = i + 1;
	}
	save->stacks[stack] = (struct save_stack){
		.addresses =
			arena_copy(&names->arena, names->chain, numbered * sizeof *names->chain),
		.n = numbered,
	};
}

static void write_runs(struct save *save)
{
	struct names_writer writer;

	names_writer_init(&writer, &save->writer, save->snapshot->frames);
	for (uint32_t run = 0; run < save->names->n_runs; run++) {
		size_t n;
		const uint32_t *ids = frames_traceback_get(save->names->runs, run, &n);

		names_writer_put(&writer, NAMES_NO_MODULE, STRING_NONE, save->first_address + run,
				 ids, n);
	}
	names_writer_end(&writer);
}

void save_names(struct save *save)
{
	struct save_names *names = xcalloc(1, sizeof *names);

	save->names = names;
	names->runs = frames_new();
	save->n_stacks = snapshot_stacks(save->snapshot);
	save->stacks = xcalloc(save->n_stacks, sizeof *save->stacks);
	snapshot_expect(save->snapshot, NULL, true);
	for (size_t i = 0; i < save->snapshot->n_traces; i++)
		if (!save->stacks[save->snapshot->traces[i].stack].n)
			number_stack(save, save->snapshot->traces[i].stack);
	write_runs(save);
}

void save_release(struct save *save)
{
	struct save_names *names = save->names;

	frames_free(names->runs);
	arena_release(&names->arena);
	free(names->chain);
	free(names);
	free(save->stacks);
}
