// SPDX-License-Identifier: MIT
#include "analyzer/replay.h"

#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "common/hash.h"
#include "tests/test.h"
#include "tests/unit/made_snapshot.h"
#include "tests/unit/taken.h"

static int compare_sizes(const void *left, const void *right)
{
	const struct snapshot_trace *a = left, *b = right;

	return (a->size > b->size) - (a->size < b->size);
}

/* "8 24": the sizes of the traces, ascending. */
static void check_sizes(struct snapshot *snapshot, const char *wanted)
{
	char text[256] = "";
	size_t at = 0;

	if (!CHECK(snapshot))
		return;
	qsort(snapshot->traces, snapshot->n_traces, sizeof *snapshot->traces, compare_sizes);
	for (size_t i = 0; i < snapshot->n_traces; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%llu", i ? " " : "",
				       (unsigned long long)snapshot->traces[i].size);
	CHECK_STR(text, wanted);
}

static void check_made(struct made *made, const char *moment, const char *sizes)
{
	struct taken taken;

	if (!CHECK_EQ(take(&taken, made, moment), 0))
		fprintf(stderr, "    %s\n", taken.message);
	check_sizes(taken.snapshots[0], sizes);
	drop_both(&taken, made);
}

TEST(a_snapshot_has_the_blocks_that_live_at_its_moment)
{
	struct made made;
	struct taken taken;

	begin(&made);
	made_alloc(&made, 0, 0x10, 10, 0, NULL);
	made_alloc(&made, 0, 0x20, 20, 0, NULL);
	made_event(&made, EVENT_FREE, 0, 0x10);
	made_alloc(&made, 0, 0x30, 5, 0, NULL);
	CHECK_EQ(take(&taken, &made, "start end event:2 peak"), 0);
	check_sizes(taken.snapshots[0], "");
	check_sizes(taken.snapshots[1], "5 20");
	check_sizes(taken.snapshots[2], "10 20");
	check_sizes(taken.snapshots[3], "10 20");
	CHECK_EQ(taken.snapshots[1]->event, 4);
	CHECK_EQ(taken.snapshots[1]->size, 25);
	CHECK_EQ(taken.snapshots[3]->event, 2);
	CHECK_STR(taken.snapshots[3]->moment, "the peak");
	CHECK_EQ(taken.totals.events, 4);
	CHECK_EQ(taken.totals.allocations, 3);
	CHECK_EQ(taken.totals.frees, 1);
	CHECK_EQ(taken.totals.allocated_bytes, 35);
	CHECK_EQ(taken.totals.peak_size, 30);
	CHECK_EQ(taken.totals.peak_count, 2);
	CHECK_EQ(taken.totals.live_count, 2);
	CHECK_EQ(taken.totals.curve[59], 25);
	CHECK_EQ(taken.totals.curve[0], 0);
	CHECK_EQ(taken.totals.curve[30], 30);
	drop_both(&taken, &made);
}

TEST(the_peak_is_the_first_maximum)
{
	struct made made;

	begin(&made);
	made_alloc(&made, 0, 0x10, 10, 0, NULL);
	made_event(&made, EVENT_FREE, 0, 0x10);
	made_alloc(&made, 0, 0x20, 3, 0, NULL);
	made_alloc(&made, 0, 0x30, 7, 0, NULL);
	check_made(&made, "peak", "10");
}

TEST(an_undo_restores_what_the_thread_freed_last)
{
	struct made made;
	struct taken taken;

	begin(&made);
	made_alloc(&made, 0, 0x10, 10, 1, (uint64_t[]){0x99});
	made_event(&made, EVENT_FREE, 0, 0x10);
	made_event(&made, EVENT_UNDO, 0, 0);
	made_event(&made, EVENT_UNDO, 0, 0);
	made_event(&made, EVENT_FREE, 0, 0x77);
	made_event(&made, EVENT_UNDO, 0, 0);
	CHECK_EQ(take(&taken, &made, "end peak"), 0);
	check_sizes(taken.snapshots[0], "10");
	check_sizes(taken.snapshots[1], "10");
	CHECK_EQ(taken.totals.frees, 0);
	CHECK_EQ(taken.trace->quality.unknown_frees, 0);
	CHECK_EQ(taken.totals.events, 6);
	drop_both(&taken, &made);
}

TEST(in_a_forked_child_frees_of_unknown_blocks_are_those_of_its_parents)
{
	struct made made;
	struct taken taken;

	begin(&made);
	made_event(&made, EVENT_FORK, 0, 4711);
	made_event(&made, EVENT_FREE, 0, 0x77);
	made_event(&made, EVENT_FREE, 0, 0x88);
	made_event(&made, EVENT_UNDO, 0, 0);
	CHECK_EQ(take(&taken, &made, "end"), 0);
	CHECK_EQ(taken.trace->quality.inherited_frees, 1);
	CHECK_EQ(taken.trace->quality.unknown_frees, 0);
	drop_both(&taken, &made);
}

TEST(a_free_of_an_unknown_block_is_counted_and_changes_nothing)
{
	struct made made;
	struct taken taken;

	begin(&made);
	made_alloc(&made, 0, 0x10, 10, 0, NULL);
	made_event(&made, EVENT_FREE, 0, 0x77);
	CHECK_EQ(take(&taken, &made, "end"), 0);
	check_sizes(taken.snapshots[0], "10");
	CHECK_EQ(taken.trace->quality.unknown_frees, 1);
	CHECK_EQ(taken.trace->quality.order_conflicts, 0);
	CHECK_EQ(taken.totals.frees, 1);
	drop_both(&taken, &made);
}

static void track(struct made *made, enum event_kind kind, uint64_t address, uint64_t size,
		  uint64_t domain)
{
	made_delta(made, &(struct raw_event){
				 .kind = kind, .address = address, .size = size, .domain = domain});
}

TEST(domains_are_apart_and_track_replaces)
{
	struct made made;
	struct taken taken;

	begin(&made);
	made_alloc(&made, 0, 0x10, 1, 0, NULL);
	track(&made, EVENT_TRACK, 0x10, 20, 7);
	track(&made, EVENT_TRACK, 0x10, 30, 7);
	track(&made, EVENT_TRACK, 0x10, 40, UINT32_MAX);
	track(&made, EVENT_UNTRACK, 0x20, 0, 7);
	track(&made, EVENT_UNTRACK, 0x10, 0, UINT32_MAX);
	CHECK_EQ(take(&taken, &made, "end"), 0);
	check_sizes(taken.snapshots[0], "1 30");
	CHECK_EQ(taken.snapshots[0]->traces[1].domain, 7);
	CHECK_EQ(taken.totals.allocations, 1);
	CHECK_EQ(taken.trace->quality.unknown_frees, 0);
	drop_both(&taken, &made);
}

TEST(clear_forgets_all_blocks)
{
	struct made made;

	begin(&made);
	made_alloc(&made, 0, 0x10, 1, 0, NULL);
	track(&made, EVENT_TRACK, 0x10, 20, 7);
	made_event(&made, EVENT_CLEAR, 0, 0);
	made_alloc(&made, 0, 0x10, 3, 0, NULL);
	check_made(&made, "end", "3");
}

static void make_times(struct made *made)
{
	begin(made);
	made_alloc(made, 0, 0x10, 1, 0, NULL);
	made_event(made, EVENT_TIME, 0, 1000000000);
	made_alloc(made, 0, 0x20, 2, 0, NULL);
	made_event(made, EVENT_TIME, 0, 2000000000);
	made_alloc(made, 0, 0x30, 3, 0, NULL);
	made_closing(made, 3000000000);
}

TEST(a_time_is_before_the_first_mark_past_it)
{
	static const struct {
		const char *moment, *sizes;
	} times[] = {{"0s", "1"},     {"0.999999999s", "1"}, {"1s", "1 2"},
		     {"1.5s", "1 2"}, {"2s", "1 2 3"},	     {"3s", "1 2 3"}};
	struct made made;

	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		make_times(&made);
		check_made(&made, times[i].moment, times[i].sizes);
	}
}

TEST(a_moment_beyond_the_end_is_refused)
{
	static const struct {
		const char *moment, *message;
	} beyond[] = {
		{"3.000000001s",
		 "made.tmz: @3.000000001s is beyond the end: the recording has 3 events in 3.00 s"},
		{"event:4",
		 "made.tmz: @event:4 is beyond the end: the recording has 3 events in 3.00 s"},
		{"mark:x", "made.tmz: no mark 'x' was recorded"},
	};
	struct made made;
	struct taken taken;

	for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
		make_times(&made);
		CHECK_EQ(take(&taken, &made, beyond[i].moment), -1);
		CHECK_STR(taken.message, beyond[i].message);
		CHECK(!taken.snapshots[0]);
		drop_both(&taken, &made);
	}
}

static void make_marks(struct made *made)
{
	uint8_t payload[64];
	struct put p = put_into(payload, sizeof payload);

	begin(made);
	made_alloc(made, 0, 0x10, 1, 0, NULL);
	made_event(made, EVENT_MARK, 0, 5);
	made_alloc(made, 0, 0x20, 2, 0, NULL);
	made_event(made, EVENT_MARK, 0, 6);
	made_event(made, EVENT_MARK, 0, 9);
	made_alloc(made, 0, 0x30, 3, 0, NULL);
	made_event(made, EVENT_MARK, 0, 5);
	made_alloc(made, 0, 0x40, 4, 0, NULL);
	put_varint(&p, 5);
	put_string(&p, "loaded", 6);
	put_varint(&p, 6);
	put_string(&p, "loaded", 6);
	put_varint(&p, 9);
	put_string(&p, "other", 5);
	made_chunk(made, CHUNK_MARKS, payload, (size_t)(p.at - payload));
}

TEST(of_marks_with_one_name_the_last_counts_or_the_numbered)
{
	struct made made;
	struct taken taken;

	make_marks(&made);
	CHECK_EQ(take(&taken, &made, "mark:loaded mark:loaded#1 mark:loaded#2 mark:other"), 0);
	check_sizes(taken.snapshots[0], "1 2 3");
	check_sizes(taken.snapshots[1], "1");
	check_sizes(taken.snapshots[2], "1 2");
	check_sizes(taken.snapshots[3], "1 2");
	drop(&taken);
	CHECK_EQ(take(&taken, &made, "mark:loaded#4"), -1);
	CHECK_STR(taken.message, "made.tmz: no @mark:loaded#4: there are 3 marks of that name");
	drop_both(&taken, &made);
}

static uint32_t depth_of(const struct taken *taken, size_t trace, size_t *n)
{
	struct snapshot *snapshot = taken->snapshots[0];

	frames_traceback_get(taken->frames,
			     snapshot_traceback(snapshot, snapshot->traces[trace].stack), n);
	return snapshot->traces[trace].total_nframe;
}

TEST(stacks_are_deltas_to_the_one_before_and_may_be_cut)
{
	static const uint64_t frames[] = {0x100, 0x200, 0x300};
	struct made made;
	struct taken taken;
	size_t n;

	begin(&made);
	made_alloc(&made, 0, 0x10, 1, 3, frames);
	made_delta(&made, &(struct raw_event){.kind = EVENT_ALLOC,
					      .address = 0x20,
					      .size = 2,
					      .kept = 2,
					      .pushed = 0,
					      .frames = frames});
	made_event(&made, EVENT_DEPTH, 0, 70000);
	made_delta(&made, &(struct raw_event){.kind = EVENT_ALLOC,
					      .address = 0x30,
					      .size = 3,
					      .kept = 1,
					      .pushed = 1,
					      .frames = frames + 2});
	made_delta(&made, &(struct raw_event){.kind = EVENT_ALLOC, .address = 0x40, .size = 4});
	CHECK_EQ(take(&taken, &made, "end"), 0);
	check_sizes(taken.snapshots[0], "1 2 3 4");
	CHECK_EQ(depth_of(&taken, 0, &n), 3);
	CHECK_EQ(n, 3);
	CHECK_EQ(depth_of(&taken, 1, &n), 2);
	CHECK_EQ(n, 2);
	CHECK_EQ(depth_of(&taken, 2, &n), 65535);
	CHECK_EQ(n, 2);
	CHECK_EQ(depth_of(&taken, 3, &n), 1);
	CHECK_EQ(n, 1);
	CHECK_EQ(taken.trace->quality.truncated_tracebacks, 1);
	drop_both(&taken, &made);
}

TEST(a_stack_that_keeps_more_than_there_was_ends_its_chunk)
{
	struct made made;
	struct taken taken;

	begin(&made);
	made_alloc(&made, 0, 0x10, 1, 0, NULL);
	made_delta(&made,
		   &(struct raw_event){.kind = EVENT_ALLOC, .address = 0x20, .size = 2, .kept = 1});
	made_alloc(&made, 0, 0x30, 3, 0, NULL);
	made_block(&made, 1, 1, false);
	made_alloc(&made, 0, 0x40, 4, 0, NULL);
	made_closing(&made, 0);
	CHECK_EQ(take(&taken, &made, "end"), 0);
	check_sizes(taken.snapshots[0], "1 4");
	CHECK_EQ(taken.trace->quality.damaged_chunks, 1);
	CHECK(taken.trace->warning && strstr(taken.trace->warning, "no valid events"));
	drop_both(&taken, &made);
}

TEST(late_events_belong_to_the_thread_that_is_named)
{
	struct made made;
	struct taken taken;

	begin(&made);
	made_alloc(&made, 0, 0x10, 1, 0, NULL);
	made_block(&made, 0, 0, false);
	made_event(&made, EVENT_THREAD, 0, 5);
	made_alloc(&made, 0, 0x20, 2, 0, NULL);
	made_event(&made, EVENT_FREE, 0, 0x20);
	made_event(&made, EVENT_THREAD, 0, 6);
	made_event(&made, EVENT_FREE, 0, 0x10);
	made_event(&made, EVENT_THREAD, 0, 5);
	made_event(&made, EVENT_UNDO, 0, 0);
	CHECK_EQ(take(&taken, &made, "end"), 0);
	check_sizes(taken.snapshots[0], "2");
	CHECK_EQ(taken.snapshots[0]->traces[0].thread, 5);
	drop_both(&taken, &made);
}

TEST(a_block_that_became_a_chunk_counts_once)
{
	struct made made;

	begin(&made);
	made_alloc(&made, 0, 0x10, 1, 0, NULL);
	made_flush(&made);
	made_block(&made, 1, 0, false);
	made_alloc(&made, 0, 0x10, 1, 0, NULL);
	made_raw_block(&made, 10);
	made_block(&made, 1, 1, false);
	made_alloc(&made, 0, 0x20, 2, 0, NULL);
	made_raw_block(&made, 10);
	check_made(&made, "end", "1 2");
}

TEST(a_chunk_that_is_missing_leaves_the_others)
{
	struct made made;

	begin(&made);
	made_alloc(&made, 0, 0x10, 1, 0, NULL);
	made_block(&made, 1, 2, false);
	made_alloc(&made, 0, 0x20, 2, 0, NULL);
	made_block(&made, 1, 1, false);
	made_alloc(&made, 0, 0x30, 3, 0, NULL);
	made_block(&made, 1, 5, false);
	made_alloc(&made, 0, 0x40, 4, 0, NULL);
	check_made(&made, "end", "1 2 3 4");
}

struct told {
	char text[512];
	size_t n;
};

static void tell(void *arg, const struct replay_event *event)
{
	struct told *told = arg;

	told->n += (size_t)snprintf(told->text + told->n, sizeof told->text - told->n, "%llu:%d",
				    (unsigned long long)event->number, event->kind);
	for (size_t i = 0; i < event->depth; i++)
		told->n += (size_t)snprintf(told->text + told->n, sizeof told->text - told->n,
					    "<%llx", (unsigned long long)event->addresses[i]);
	told->n += (size_t)snprintf(told->text + told->n, sizeof told->text - told->n, " ");
}

TEST(events_are_told_with_numbers_and_stacks)
{
	struct made made;
	struct told told = {{0}, 0};
	char *message;

	begin(&made);
	made_event(&made, EVENT_TIME, 0, 5);
	made_alloc(&made, 0, 0x10, 1, 2, (uint64_t[]){0xa, 0xb});
	made_event(&made, EVENT_FREE, 0, 0x10);
	struct trace *trace = made_open(&made);

	CHECK_EQ(replay_events(trace, tell, &told, &message), 0);
	CHECK_STR(told.text, "0:8 1:1<b<a 2:2 ");
	trace_close(trace);
	made_release(&made);
}

TEST(several_moments_are_what_each_alone_is)
{
	for (uint64_t seed = 0; seed < 30; seed++) {
		struct made made;
		struct taken together, alone;
		static const char *const moments[] = {"event:100", "peak", "end", "event:700"};

		begin(&made);
		for (uint64_t i = 0; i < 1000; i++) {
			uint64_t random = hash_mix(seed * 1000 + i), address = random % 97;

			made_event(&made, EVENT_FREE, 0, address);
			if (random >> 62)
				made_alloc(&made, 0, address, random >> 40 & 0xff, 0, NULL);
		}
		CHECK_EQ(take(&together, &made, "event:100 peak end event:700"), 0);
		for (size_t i = 0; i < 4; i++) {
			CHECK_EQ(take(&alone, &made, moments[i]), 0);
			CHECK_EQ(alone.snapshots[0]->size, together.snapshots[i]->size);
			CHECK_EQ(alone.snapshots[0]->n_traces, together.snapshots[i]->n_traces);
			CHECK_EQ(alone.snapshots[0]->event, together.snapshots[i]->event);
			drop(&alone);
		}
		CHECK_EQ(together.snapshots[1]->size, together.totals.peak_size);
		CHECK_EQ(together.snapshots[1]->n_traces, together.totals.peak_count);
		drop_both(&together, &made);
	}
}

static void count_visit(void *arg, uint32_t frame)
{
	(void)frame;
	++*(int *)arg;
}

TEST(a_snapshot_does_not_know_the_stacks_that_came_after_it)
{
	bool asked[8] = {true, true, true, true, true, true, true, true};
	struct made made;
	struct taken taken;
	int visits = 0;

	begin(&made);
	made_alloc(&made, 0, 0x100, 8, 1, (uint64_t[]){0x10});
	made_alloc(&made, 0, 0x200, 8, 1, (uint64_t[]){0x20});
	CHECK_EQ(take(&taken, &made, "event:1 end"), 0);
	snapshot_each_frame(taken.snapshots[0], asked, count_visit, &visits);
	CHECK_EQ(visits, 1);
	snapshot_each_frame(taken.snapshots[1], asked, count_visit, &visits);
	CHECK_EQ(visits, 1 + 2);
	drop_both(&taken, &made);
}
