// SPDX-License-Identifier: MIT
/*
 * Numbers for the frames of a snapshot, and the names chunks that say what they stand for.
 *
 * A physical frame is a frame with all that was inlined into it: in a traceback, a run of inlined
 * frames and the one behind it. Equal runs have one number.
 */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "die.h"
#include "snapshot_save.h"

#define NAMES_SIZE (4u << 20) /* of a names chunk, about: strings stand once in each */

struct save_names {
	struct frames *runs; /* interns the runs, as tracebacks, from 0 */
	struct arena arena;
	uint32_t *chain; /* of the stack in the making */
	size_t chain_cap;
	size_t n_runs;
	/* Of the chunk in the making. */
	struct payload strings, records;
	uint32_t *string_numbers; /* by string id, in this chunk; 0 none yet */
	size_t n_string_numbers;
	uint64_t n_strings, n_records, address;
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

static void write_names(struct save *save)
{
	struct save_names *names = save->names;
	struct payload all = {0};

	payload_varint(&all, names->n_strings);
	struct put put = payload_room(&all, names->strings.size + VARINT_MAX + names->records.size);

	put_bytes(&put, names->strings.bytes, names->strings.size);
	put_varint(&put, names->n_records);
	put_bytes(&put, names->records.bytes, names->records.size);
	payload_grown(&all, &put);
	chunk_write(&save->writer,
		    (struct chunk_header){.kind = CHUNK_NAMES, .count = (uint32_t)names->n_records},
		    all.bytes, all.size);
	free(all.bytes);
	names->strings.size = names->records.size = 0;
	names->n_strings = names->n_records = names->address = 0;
	memset(names->string_numbers, 0, names->n_string_numbers * sizeof *names->string_numbers);
}

/* The number of a string in this chunk, from 1; 0 for none. */
static uint64_t string_number(struct save *save, uint32_t string)
{
	struct save_names *names = save->names;

	if (string == STRING_NONE)
		return 0;
	if (!names->string_numbers[string]) {
		size_t size;
		const char *text = frames_text(save->snapshot->frames, string, &size);

		payload_string(&names->strings, text, size);
		names->string_numbers[string] = (uint32_t)++names->n_strings;
	}
	return names->string_numbers[string];
}

/* "MODULE:0" is made again from the module when it is read. */
static bool is_made_of_module(const struct frames *frames, const struct frame *frame)
{
	const char *module, *slash;

	if (frame->module == STRING_NONE || frame->line)
		return false;
	module = frames_text(frames, frame->module, NULL);
	slash = strrchr(module, '/');
	return strcmp(slash ? slash + 1 : module, frames_text(frames, frame->file, NULL)) == 0;
}

static void put_run(struct save *save, uint32_t run)
{
	struct save_names *names = save->names;
	const struct frames *frames = save->snapshot->frames;
	size_t n;
	const uint32_t *ids = frames_traceback_get(names->runs, run, &n);
	uint64_t address = save->first_address + run;
	struct put put;

	payload_varint(&names->records, 0);
	put = payload_room(&names->records, VARINT_MAX);
	put_zigzag(&put, (int64_t)(address - names->address));
	payload_grown(&names->records, &put);
	names->address = address;
	payload_varint(&names->records, n);
	for (size_t i = 0; i < n; i++) {
		const struct frame *frame = frames_get(frames, ids[i]);

		payload_varint(&names->records, is_made_of_module(frames, frame)
							? 0
							: string_number(save, frame->file));
		payload_varint(&names->records, frame->line);
		payload_varint(&names->records, string_number(save, frame->function));
		payload_varint(&names->records, string_number(save, frame->module));
	}
	names->n_records++;
	if (names->strings.size + names->records.size > NAMES_SIZE)
		write_names(save);
}

void save_names(struct save *save)
{
	struct save_names *names = xcalloc(1, sizeof *names);

	save->names = names;
	names->runs = frames_new();
	save->n_stacks = snapshot_stacks(save->snapshot);
	save->stacks = xcalloc(save->n_stacks, sizeof *save->stacks);
	for (size_t i = 0; i < save->snapshot->n_traces; i++)
		if (!save->stacks[save->snapshot->traces[i].stack].n)
			number_stack(save, save->snapshot->traces[i].stack);
	names->n_string_numbers = frames_strings(save->snapshot->frames);
	names->string_numbers = xcalloc(names->n_string_numbers, sizeof *names->string_numbers);
	for (uint32_t run = 0; run < names->n_runs; run++)
		put_run(save, run);
	if (names->n_records)
		write_names(save);
}

void save_release(struct save *save)
{
	struct save_names *names = save->names;

	frames_free(names->runs);
	arena_release(&names->arena);
	free(names->chain);
	free(names->strings.bytes);
	free(names->records.bytes);
	free(names->string_numbers);
	free(names);
	free(save->stacks);
}
