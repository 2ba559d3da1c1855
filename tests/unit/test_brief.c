// SPDX-License-Identifier: MIT
/*
 * Replays of one thread, whose short-lived blocks stand apart from the others, against a plain model
 * of what lives: at random moments, at the peak and in the totals.
 */
#include "analyzer/brief.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/die.h"
#include "analyzer/replay.h"
#include "common/hash.h"
#include "tests/test.h"
#include "tests/unit/made_trace.h"
#include "tests/unit/random.h"

#define ADDRESSES 300
#define EVENTS 6000
#define MOMENTS 24

struct history {
	struct made made;
	uint64_t state;
	uint32_t serial;
	uint64_t live[ADDRESSES]; /* sizes, 0 dead */
	uint64_t size, count, peak_size, peak_count, peak_event, events, conflicts, unknown;
	uint64_t freed, freed_size; /* what an undo restores */
	uint64_t sizes[EVENTS + 1], counts[EVENTS + 1], sums[EVENTS + 1]; /* after each event */
	uint64_t peak_sum;
};

/* Tells sets of blocks from each other. */
static uint64_t sum_of(uint64_t address, uint64_t size)
{
	return hash_mix(address << 32 ^ size);
}

static uint64_t live_sum(const struct history *history)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < ADDRESSES; i++)
		sum += history->live[i] ? sum_of(i * 16 + 16, history->live[i]) : 0;
	return sum;
}

static void set(struct history *history, uint64_t i, uint64_t size)
{
	history->size += size - history->live[i];
	history->count += !!size - !!history->live[i];
	history->live[i] = size;
}

static void note_event(struct history *history)
{
	uint64_t n = ++history->events;

	history->sizes[n] = history->size;
	history->counts[n] = history->count;
	history->sums[n] = live_sum(history);
	if (history->size <= history->peak_size)
		return;
	history->peak_size = history->size;
	history->peak_count = history->count;
	history->peak_event = n;
	history->peak_sum = history->sums[n];
}

static void allocate(struct history *history, uint64_t i)
{
	uint64_t size = 1 + random_below(&history->state, 1000);
	uint64_t frames[2] = {0x1000 + random_below(&history->state, 4),
			      0x2000 + random_below(&history->state, 9)};

	made_alloc(&history->made, 0, i * 16 + 16, size, 2, frames);
	history->conflicts += history->live[i] != 0;
	set(history, i, size);
	note_event(history);
}

static void release(struct history *history, uint64_t i)
{
	made_event(&history->made, EVENT_FREE, 0, i * 16 + 16);
	history->freed = i;
	history->freed_size = history->live[i];
	history->unknown += !history->live[i];
	set(history, i, 0);
	note_event(history);
}

/* Only right after a free. */
static void undo(struct history *history)
{
	made_event(&history->made, EVENT_UNDO, 0, 0);
	history->unknown -= !history->freed_size;
	set(history, history->freed, history->freed_size);
	note_event(history);
}

/* A realloc that fails; CUT: the chunk ends in the middle of it. */
static void fail(struct history *history, uint64_t i, bool cut)
{
	release(history, i);
	if (cut)
		made_block(&history->made, 1, history->serial++, false);
	if (history->events < EVENTS)
		undo(history);
}

/* WILD: also what only a damaged recording has. UNDOS: also within a chunk. */
static void act(struct history *history, bool wild, bool undos)
{
	uint64_t i = random_below(&history->state, ADDRESSES);
	bool odd = wild && random_below(&history->state, 40) == 0;

	if (random_below(&history->state, undos ? 30 : 1000) == 0)
		fail(history, i, !undos);
	else if (!history->live[i] == odd)
		release(history, i);
	else
		allocate(history, i);
	if (random_below(&history->state, 50) == 0)
		made_event(&history->made, EVENT_TIME, 0, history->events * 1000);
}

static void make_history(struct history *history, uint64_t seed, bool wild)
{
	memset(history, 0, sizeof *history);
	history->state = seed;
	made_begin(&history->made);
	while (history->events < EVENTS) {
		uint64_t end = history->events + 1 + random_below(&history->state, 3000);
		bool undos = random_below(&history->state, 3) == 0;

		made_block(&history->made, 1, history->serial++, false);
		while (history->events < EVENTS && history->events < end)
			act(history, wild, undos);
	}
}

static void check_snapshot(struct snapshot *snapshot, uint64_t size, uint64_t count, uint64_t sum)
{
	uint64_t found = 0;

	CHECK_EQ(snapshot->size, size);
	CHECK_EQ(snapshot->n_traces, count);
	for (size_t i = 0; i < snapshot->n_traces; i++)
		found += sum_of(snapshot->traces[i].address, snapshot->traces[i].size);
	CHECK_EQ(found, sum);
}

static void check_history(struct history *history)
{
	struct moment moments[MOMENTS] = {{.kind = MOMENT_PEAK}, {.kind = MOMENT_END}};
	struct snapshot *snapshots[MOMENTS];
	struct replay_totals totals;
	struct trace *trace = made_open(&history->made);
	struct frames *frames = frames_new();
	char *message;

	for (unsigned i = 2; i < MOMENTS; i++)
		moments[i] = (struct moment){.kind = MOMENT_EVENT,
					     .event = 1 + random_below(&history->state, EVENTS),
					     .text = "event:N"};
	CHECK_EQ(replay(trace, moments, MOMENTS, frames, NULL, snapshots, &totals, NULL, NULL,
			&message),
		 0);
	check_snapshot(snapshots[0], history->peak_size, history->peak_count, history->peak_sum);
	check_snapshot(snapshots[1], history->size, history->count, live_sum(history));
	for (unsigned i = 2; i < MOMENTS; i++)
		check_snapshot(snapshots[i], history->sizes[moments[i].event],
			       history->counts[moments[i].event], history->sums[moments[i].event]);
	CHECK_EQ(totals.peak_event, history->peak_event);
	CHECK_EQ(totals.events, history->events);
	CHECK_EQ(totals.live_count, history->count);
	CHECK_EQ(trace->quality.order_conflicts, history->conflicts);
	CHECK_EQ(trace->quality.unknown_frees, history->unknown);
	for (unsigned i = 0; i < MOMENTS; i++)
		snapshot_free(snapshots[i]);
	frames_free(frames);
	trace_close(trace);
	made_release(&history->made);
}

TEST(blocks_that_live_within_a_chunk_are_seen_at_every_moment)
{
	struct history *history = xmalloc(sizeof *history);

	for (uint64_t seed = 0; seed < 40; seed++) {
		make_history(history, seed, false);
		check_history(history);
	}
	free(history);
}

TEST(allocations_of_live_blocks_and_frees_of_dead_ones_are_counted_within_a_chunk)
{
	struct history *history = xmalloc(sizeof *history);

	for (uint64_t seed = 0; seed < 40; seed++) {
		make_history(history, seed, true);
		check_history(history);
	}
	free(history);
}
