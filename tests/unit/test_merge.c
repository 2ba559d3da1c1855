// SPDX-License-Identifier: MIT
#include "analyzer/merge.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/live.h"
#include "tests/test.h"
#include "tests/unit/made_trace.h"
#include "tests/unit/random.h"

#define THREADS 5
#define ADDRESSES 40

static uint64_t state;

struct applying {
	struct live live;
	char *order; /* address of each event, as text */
	FILE *out;
};

static enum merge_answer apply(void *arg, struct stream *stream, enum merge_try attempt,
			       uint64_t below)
{
	struct applying *applying = arg;

	(void)below;
	if (live_apply(&applying->live, stream, attempt) == MERGE_CANNOT)
		return MERGE_CANNOT;
	if (applying->out)
		fprintf(applying->out, "%s%llu ", stream->head->kind == EVENT_FREE ? "-" : "+",
			(unsigned long long)stream->head->address);
	stream_step(stream);
	return MERGE_TAKEN;
}

static struct live merge_all(struct trace *trace, uint64_t window)
{
	struct applying applying = {0};
	struct streams streams;

	streams_init(&streams, trace);
	live_init(&applying.live, trace, 0);
	merge_run(&streams, window, apply, &applying);
	streams_release(&streams);
	return applying.live;
}

/* The order in which the events of TRACE are taken: "+1 -1 ". */
static void check_order(struct made *made, uint64_t window, const char *wanted, uint64_t conflicts)
{
	struct trace *trace = made_open(made);
	struct applying applying = {0};
	struct streams streams;
	char *text;
	size_t size;

	applying.out = open_memstream(&text, &size);
	streams_init(&streams, trace);
	live_init(&applying.live, trace, 0);
	merge_run(&streams, window, apply, &applying);
	fclose(applying.out);
	CHECK_STR(text, wanted);
	CHECK_EQ(trace->quality.order_conflicts, conflicts);
	free(text);
	live_release(&applying.live);
	streams_release(&streams);
	trace_close(trace);
	made_release(made);
}

TEST(stamps_order_threads)
{
	struct made made;

	made_begin(&made);
	made_block(&made, 1, 0, true);
	made_alloc(&made, 10, 1, 8, 0, NULL);
	made_alloc(&made, 30, 3, 8, 0, NULL);
	made_block(&made, 2, 0, true);
	made_alloc(&made, 20, 2, 8, 0, NULL);
	made_alloc(&made, 40, 4, 8, 0, NULL);
	made_block(&made, 2, 1, true);
	made_alloc(&made, 50, 5, 8, 0, NULL);
	check_order(&made, 0, "+1 +2 +3 +4 +5 ", 0);
}

TEST(unstamped_events_go_first)
{
	struct made made;

	made_begin(&made);
	made_block(&made, 2, 0, true);
	made_alloc(&made, 5, 20, 8, 0, NULL);
	made_block(&made, 7, 0, false);
	made_alloc(&made, 0, 70, 8, 0, NULL);
	made_event(&made, EVENT_CLOCK_ON, 9, 0);
	made_alloc(&made, 9, 71, 8, 0, NULL);
	made_block(&made, 0, 0, false);
	made_event(&made, EVENT_THREAD, 0, 3);
	made_alloc(&made, 0, 1, 8, 0, NULL);
	check_order(&made, 0, "+70 +3 +1 +20 +0 +71 ", 0);
}

TEST(a_free_waits_for_the_allocation_of_an_equal_stamp)
{
	struct made made;

	made_begin(&made);
	made_block(&made, 1, 0, true);
	made_event(&made, EVENT_FREE, 10, 5);
	made_alloc(&made, 10, 6, 8, 0, NULL);
	made_block(&made, 2, 0, true);
	made_event(&made, EVENT_FREE, 10, 6);
	made_block(&made, 3, 0, true);
	made_alloc(&made, 10, 5, 8, 0, NULL);
	check_order(&made, 0, "+5 -5 +6 -6 ", 0);
}

TEST(a_moment_does_not_overtake_what_waits_in_vain)
{
	static const enum event_kind moments[] = {EVENT_MARK, EVENT_CLEAR, EVENT_START,
						  EVENT_RESET_PEAK};

	for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
		struct made made;

		made_begin(&made);
		made_block(&made, 1, 0, true);
		made_event(&made, EVENT_FREE, 10, 5);
		made_alloc(&made, 11, 6, 8, 0, NULL);
		made_block(&made, 2, 0, true);
		made_event(&made, moments[i], 12, 0);
		made_alloc(&made, 13, 7, 8, 0, NULL);
		check_order(&made, 100, "-5 +6 +0 +7 ", 0);
	}
}

TEST(a_later_stamp_helps_only_inside_the_window)
{
	struct made made;

	made_begin(&made);
	made_block(&made, 1, 0, true);
	made_event(&made, EVENT_FREE, 10, 5);
	made_block(&made, 2, 0, true);
	made_alloc(&made, 15, 5, 8, 0, NULL);
	check_order(&made, 5, "+5 -5 ", 0);
	made_begin(&made);
	made_block(&made, 1, 0, true);
	made_event(&made, EVENT_FREE, 10, 5);
	made_block(&made, 2, 0, true);
	made_alloc(&made, 15, 5, 8, 0, NULL);
	check_order(&made, 4, "-5 +5 ", 0);
}

TEST(an_allocation_of_a_live_block_waits_for_its_free_or_replaces_it)
{
	struct made made;

	made_begin(&made);
	made_block(&made, 1, 0, true);
	made_alloc(&made, 1, 5, 8, 0, NULL);
	made_alloc(&made, 10, 5, 16, 0, NULL);
	made_block(&made, 2, 0, true);
	made_event(&made, EVENT_FREE, 10, 5);
	check_order(&made, 0, "+5 -5 +5 ", 0);
	made_begin(&made);
	made_block(&made, 1, 0, true);
	made_alloc(&made, 1, 5, 8, 0, NULL);
	made_alloc(&made, 10, 5, 16, 0, NULL);
	made_block(&made, 2, 0, true);
	made_alloc(&made, 90, 6, 8, 0, NULL);
	check_order(&made, 0, "+5 +5 +6 ", 1);
}

/*
 * An address that may change hands at the stamp. Handing a block on takes longer than a stamp
 * lasts, so that at one stamp an address is allocated at most once and freed at most once.
 */
static uint64_t pick_address(uint64_t *clock, unsigned coarse, uint64_t last[ADDRESSES][2],
			     const bool live[ADDRESSES])
{
	for (;;) {
		for (unsigned i = 0; i < 100; i++) {
			uint64_t address = random_below(&state, ADDRESSES);

			if (last[address][live[address]] != *clock / coarse) {
				last[address][live[address]] = *clock / coarse;
				return address;
			}
		}
		++*clock;
	}
}

/* A true history of blocks handed between threads, cut into streams with coarse stamps. */
static void make_history(struct made *made, unsigned n_events, unsigned coarse,
			 bool live[ADDRESSES])
{
	struct {
		uint64_t address, stamp;
		unsigned thread;
		bool free;
	} *events = calloc(n_events, sizeof *events);
	uint64_t clock = 1000, last[ADDRESSES][2] = {{0}};

	for (unsigned i = 0; i < n_events; i++) {
		clock += random_below(&state, 3);
		uint64_t address = pick_address(&clock, coarse, last, live);

		events[i].address = address;
		events[i].free = live[address];
		events[i].stamp = clock / coarse;
		events[i].thread = (unsigned)random_below(&state, THREADS);
		live[address] = !live[address];
	}
	for (unsigned thread = 0; thread < THREADS; thread++) {
		uint32_t serial = 0;
		unsigned in_block = 0;

		for (unsigned i = 0; i < n_events; i++) {
			if (events[i].thread != thread)
				continue;
			if (in_block == 0)
				made_block(made, thread + 1, serial++, true);
			in_block = (in_block + 1) % 50;
			if (events[i].free)
				made_event(made, EVENT_FREE, events[i].stamp, events[i].address);
			else
				made_alloc(made, events[i].stamp, events[i].address, 8, 0, NULL);
		}
	}
	free(events);
}

TEST(blocks_handed_between_threads_are_followed_exactly)
{
	for (unsigned round = 0; round < 60; round++) {
		bool alive[ADDRESSES] = {false};
		struct made made;

		made_begin(&made);
		make_history(&made, 3000, 1 + round % 64, alive);
		struct trace *trace = made_open(&made);
		struct live live = merge_all(trace, 0);

		CHECK_EQ(trace->quality.unknown_frees, 0);
		CHECK_EQ(trace->quality.order_conflicts, 0);
		CHECK_EQ(live.events, 3000);
		for (uint64_t address = 0; address < ADDRESSES; address++)
			CHECK_EQ(heap_find(&live.heap, 0, address) != NULL, alive[address]);
		live_release(&live);
		trace_close(trace);
		made_release(&made);
	}
}

TEST(what_is_tracked_never_waits)
{
	struct made made;
	struct raw_event event = {.address = 5, .size = 8, .domain = 1};

	made_begin(&made);
	made_block(&made, 1, 0, true);
	event.kind = EVENT_UNTRACK;
	event.stamp = 10;
	made_delta(&made, &event);
	made_block(&made, 2, 0, true);
	event.kind = EVENT_TRACK;
	event.stamp = 11;
	made_delta(&made, &event);
	event.size = 9;
	made_delta(&made, &event);
	struct trace *trace = made_open(&made);
	struct live live = merge_all(trace, 100);

	CHECK_EQ(live.events, 3);
	CHECK_EQ(live.heap.n, 1);
	CHECK_EQ(live.heap.size, 9);
	CHECK_EQ(trace->quality.order_conflicts + trace->quality.unknown_frees, 0);
	live_release(&live);
	trace_close(trace);
	made_release(&made);
}

TEST(a_stream_waits_while_another_comes_to_the_allocation_event_by_event)
{
	struct made made;

	made_begin(&made);
	made_block(&made, 1, 0, true);
	made_event(&made, EVENT_FREE, 10, 5);
	made_alloc(&made, 12, 1, 8, 0, NULL);
	made_block(&made, 2, 0, true);
	made_alloc(&made, 11, 2, 8, 0, NULL);
	made_event(&made, EVENT_FREE, 13, 2);
	made_alloc(&made, 14, 5, 8, 0, NULL);
	made_block(&made, 3, 0, true);
	made_event(&made, EVENT_FREE, 10, 1);
	check_order(&made, 5, "+2 -2 +5 -5 +1 -1 ", 0);
}

TEST(an_undo_lets_go_what_waits_for_the_block)
{
	struct made made;

	made_begin(&made);
	made_block(&made, 1, 0, true);
	made_alloc(&made, 1, 5, 8, 0, NULL);
	made_event(&made, EVENT_FREE, 10, 5);
	made_event(&made, EVENT_UNDO, 13, 0);
	made_block(&made, 2, 0, true);
	made_event(&made, EVENT_FREE, 12, 5);
	made_block(&made, 3, 0, true);
	made_alloc(&made, 90, 6, 8, 0, NULL);
	check_order(&made, 5, "+5 -5 +0 -5 +6 ", 0);
}

/* Calls of the consumer, beside what apply does. */
static uint64_t offers;

static enum merge_answer count_offers(void *arg, struct stream *stream, enum merge_try attempt,
				      uint64_t below)
{
	offers++;
	return apply(arg, stream, attempt, below);
}

TEST(many_streams_that_cannot_go_cost_no_more_than_their_events)
{
	struct applying applying = {0};
	struct streams streams;
	struct made made;

	made_begin(&made);
	for (uint32_t thread = 1; thread <= 63; thread++) {
		made_block(&made, thread, 0, true);
		for (uint64_t i = 0; i < 100; i++)
			made_event(&made, EVENT_FREE, 1000 + i * 100, 0x100000 + thread);
	}
	made_block(&made, 64, 0, true);
	for (uint64_t i = 0; i < 20000; i++)
		made_alloc(&made, 1000 + i / 2, 0x200000 + i, 8, 0, NULL);
	struct trace *trace = made_open(&made);

	streams_init(&streams, trace);
	live_init(&applying.live, trace, 0);
	offers = 0;
	merge_run(&streams, 500, count_offers, &applying);
	CHECK_EQ(applying.live.events, 63 * 100 + 20000);
	CHECK_EQ(trace->quality.unknown_frees, 63 * 100);
	CHECK(offers <= 2 * applying.live.events);
	live_release(&applying.live);
	streams_release(&streams);
	trace_close(trace);
	made_release(&made);
}

TEST(the_window_is_ten_microseconds_of_the_clock)
{
	struct made made;
	struct trace *trace;

	made_begin(&made);
	trace = made_open(&made);
	CHECK_EQ(merge_window(trace), 512);
	trace->inner->stamp_start = 1000;
	trace->inner->clock_stamp = 1000 + 50000000; /* 3.2 GHz / 64 for a second */
	trace->inner->clock_time_ns = 1000000000;
	CHECK_EQ(merge_window(trace), 501);
	trace->inner->clock = CLOCK_COUNTER;
	CHECK_EQ(merge_window(trace), 0);
	trace_close(trace);
	made_release(&made);
}

TEST(the_clock_is_as_fast_as_the_chunk_that_was_written_soonest_says)
{
	const uint64_t second = 50000000; /* stamps */
	struct made made;

	made_begin(&made);
	made_block(&made, 1, 0, true);
	made_alloc(&made, 1 + second, 1, 8, 0, NULL);
	made.time_ns = 1000000000;
	made_block(&made, 2, 0, true);
	made_alloc(&made, 1 + second / 2, 2, 8, 0, NULL);
	made.time_ns = 9000000000;
	struct trace *trace = made_open(&made);

	trace->inner->stamp_start = 1;
	CHECK_EQ(merge_window(trace), 501);
	trace->inner->clock_time_ns = 9000000000;
	CHECK_EQ(merge_window(trace), 256);
	trace_close(trace);
	made_release(&made);
}
