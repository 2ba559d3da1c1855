// SPDX-License-Identifier: MIT
/*
 * A snapshot as a trace of its own.
 *
 * Addresses of frames are numbers made up here, in no module, whose names a names chunk holds: a
 * frame with what was inlined into it is one. Stacks are written in the order of a walk of their
 * tree, so that each shares as much as it can with the one before.
 */
#include "snapshot_save.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/event.h"
#include "die.h"

#define BLOCK_WORDS (1u << 18) /* of an events chunk, unless one stack is longer */

struct block {
	uint64_t *words;
	size_t n, cap;
	uint32_t n_events;
	const struct save_stack *before; /* whose stack the next delta is to; NULL: the empty one */
	uint32_t thread;
	bool thread_known;
};

static void write_block(struct save *save, struct block *block)
{
	chunk_write_block(
		&save->writer,
		(struct chunk_header){.serial = save->serial++, .time_ns = save->snapshot->time_ns},
		block->words, block->n);
	block->n = 0;
	block->before = NULL;
	block->thread_known = false;
}

static uint64_t *block_room(struct block *block, size_t n)
{
	if (block->n + n > block->cap) {
		block->cap = (block->n + n) * 2;
		block->words = xreallocarray(block->words, block->cap, sizeof *block->words);
	}
	return block->words + block->n;
}

static void put_value(struct block *block, enum event_kind kind, uint64_t value)
{
	uint64_t *at = block_room(block, 2);

	at[0] = event_head(kind, 0, 0, 0);
	at[1] = value;
	block->n += 2;
}

/* How many of the outermost frames two stacks have in common. */
static size_t common_frames(const struct save_stack *a, const struct save_stack *b)
{
	size_t n = a && a->n < b->n ? a->n : b->n, i = 0;

	while (a && i < n && a->addresses[a->n - 1 - i] == b->addresses[b->n - 1 - i])
		i++;
	return i;
}

static void put_trace(struct save *save, struct block *block, const struct snapshot_trace *trace)
{
	const struct save_stack *stack = &save->stacks[trace->stack];
	size_t kept;

	if (block->n && block->n + stack->n + 16 > BLOCK_WORDS)
		write_block(save, block);
	kept = common_frames(block->before, stack);
	if (!block->thread_known || block->thread != trace->thread)
		put_value(block, EVENT_THREAD, trace->thread);
	block->thread = trace->thread;
	block->thread_known = true;
	if (trace->total_nframe > stack->n)
		put_value(block, EVENT_DEPTH, trace->total_nframe);
	uint64_t *at = block_room(block, 4 + stack->n);
	size_t pushed = stack->n - kept;

	*at++ = event_head(trace->domain ? EVENT_TRACK : EVENT_ALLOC, 0, (uint32_t)kept,
			   (uint32_t)pushed);
	*at++ = trace->address;
	*at++ = trace->size;
	if (trace->domain)
		*at++ = trace->domain;
	for (size_t i = pushed; i-- > 0;)
		*at++ = save->first_address + stack->addresses[i];
	block->n = (size_t)(at - block->words);
	block->before = stack;
}

static int compare_stacks(const void *left, const void *right, void *arg)
{
	const struct save_stack *a = &((const struct save *)arg)->stacks[*(const uint32_t *)left];
	const struct save_stack *b = &((const struct save *)arg)->stacks[*(const uint32_t *)right];
	size_t n = a->n < b->n ? a->n : b->n;

	for (size_t i = 1; i <= n; i++)
		if (a->addresses[a->n - i] != b->addresses[b->n - i])
			return a->addresses[a->n - i] < b->addresses[b->n - i] ? -1 : 1;
	return (a->n > b->n) - (a->n < b->n);
}

/* The numbers of the traces, by stack in the order of the walk. */
static uint32_t *order_traces(struct save *save)
{
	const struct snapshot *snapshot = save->snapshot;
	uint32_t *stacks = xreallocarray(NULL, save->n_stacks, sizeof *stacks), *order;
	size_t *starts = xcalloc(save->n_stacks + 1, sizeof *starts), at = 0;
	size_t n = 0;

	for (size_t i = 0; i < snapshot->n_traces; i++)
		starts[snapshot->traces[i].stack]++;
	for (uint32_t i = 0; i < save->n_stacks; i++)
		if (starts[i])
			stacks[n++] = i;
	qsort_r(stacks, n, sizeof *stacks, compare_stacks, save);
	for (size_t i = 0; i < n; i++) {
		size_t count = starts[stacks[i]];

		starts[stacks[i]] = at;
		at += count;
	}
	order = xreallocarray(NULL, snapshot->n_traces, sizeof *order);
	for (uint32_t i = 0; i < snapshot->n_traces; i++)
		order[starts[snapshot->traces[i].stack]++] = i;
	free(stacks);
	free(starts);
	return order;
}

static void write_events(struct save *save)
{
	struct block block = {0};
	uint32_t *order = order_traces(save);

	for (size_t i = 0; i < save->snapshot->n_traces; i++)
		put_trace(save, &block, &save->snapshot->traces[order[i]]);
	if (block.n)
		write_block(save, &block);
	free(block.words);
	free(order);
}

static void write_closing(struct save *save)
{
	const struct snapshot *snapshot = save->snapshot;
	struct closing closing = {.duration_ns = snapshot->time_ns};
	uint8_t bytes[CLOSING_SIZE_MAX];

	for (size_t i = 0; i < snapshot->n_traces; i++) {
		closing.allocations += snapshot->traces[i].domain == 0;
		closing.allocated_bytes +=
			snapshot->traces[i].domain == 0 ? snapshot->traces[i].size : 0;
	}
	chunk_write(&save->writer,
		    (struct chunk_header){
			    .kind = CHUNK_CLOSING, .count = 1, .time_ns = snapshot->time_ns},
		    bytes, closing_put(&closing, bytes));
}

int snapshot_save(struct snapshot *snapshot, const struct trace *source, FILE *out, char **message)
{
	struct save save = {
		.snapshot = snapshot, .source = source, .first_address = SAVE_FIRST_ADDRESS};

	chunk_writer_init(&save.writer, out);
	save_metadata(&save);
	save_names(&save);
	write_events(&save);
	write_closing(&save);
	save_release(&save);
	chunk_writer_release(&save.writer);
	if (fflush(out) == 0 && !ferror(out))
		return 0;
	*message = xasprintf("cannot write the snapshot: %s", strerror(errno));
	return -1;
}
