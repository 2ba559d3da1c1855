// SPDX-License-Identifier: MIT
/*
 * What a program says to its recording: stop, start, clear, the peak, names of domains.
 */
#include "analyzer/group.h"
#include "common/bytes.h"
#include "tests/test.h"
#include "tests/unit/taken.h"

static void take_all(struct taken *taken, struct made *made, const char *moments)
{
	CHECK_EQ(take(taken, made, moments), 0);
	CHECK_STR(taken->message, NULL);
}

static void stop(struct made *made)
{
	made_delta(made, &(struct raw_event){.kind = EVENT_CLEAR, .flags = EVENT_STOP});
}

static void track(struct made *made, uint64_t address, uint64_t size, uint64_t domain)
{
	made_delta(made, &(struct raw_event){.kind = EVENT_TRACK,
					     .address = address,
					     .size = size,
					     .domain = domain});
}

TEST(between_a_stop_and_a_start_nothing_counts)
{
	struct made made;
	struct taken taken;

	begin(&made);
	made_alloc(&made, 0, 0x10, 1, 0, NULL);
	made_event(&made, EVENT_FREE, 0, 0x10);
	stop(&made);
	made_alloc(&made, 0, 0x20, 20, 0, NULL);
	track(&made, 0x20, 7, 9);
	made_event(&made, EVENT_UNDO, 0, 0);
	made_event(&made, EVENT_FREE, 0, 0x30);
	made_event(&made, EVENT_START, 0, 0);
	made_alloc(&made, 0, 0x40, 4, 0, NULL);
	take_all(&taken, &made, "end event:7");
	CHECK_EQ(taken.snapshots[0]->size, 4);
	CHECK_EQ(taken.snapshots[0]->event, 8);
	CHECK_EQ(taken.snapshots[1]->n_traces, 0);
	CHECK_EQ(taken.totals.allocations, 2);
	CHECK_EQ(taken.totals.frees, 1);
	CHECK_EQ(taken.trace->quality.unknown_frees + taken.trace->quality.earlier_frees, 0);
	drop_both(&taken, &made);
}

/* The short cut for the last stream must not be taken there. */
TEST(chunks_after_a_stop_do_not_count_however_long)
{
	struct made made;
	struct taken taken;

	begin(&made);
	stop(&made);
	for (uint32_t chunk = 1; chunk < 3; chunk++) {
		made_block(&made, 1, chunk, false);
		for (uint64_t i = 0; i < 1000; i++) {
			made_alloc(&made, 0, 0x1000 + i * 16, 8, 0, NULL);
			if (i % 2)
				made_event(&made, EVENT_FREE, 0, 0x1000 + i * 16);
		}
	}
	take_all(&taken, &made, "end");
	CHECK_EQ(taken.snapshots[0]->n_traces, 0);
	CHECK_EQ(taken.totals.allocations, 0);
	drop_both(&taken, &made);
}

TEST(frees_of_blocks_from_before_the_recording_are_counted_apart)
{
	struct made made;
	struct taken taken;

	begin(&made);
	made_event(&made, EVENT_START, 0, 0);
	made_event(&made, EVENT_FREE, 0, 0x99);
	made_alloc(&made, 0, 0x10, 1, 0, NULL);
	made_event(&made, EVENT_CLEAR, 0, 0);
	made_event(&made, EVENT_FREE, 0, 0x10);
	take_all(&taken, &made, "end");
	CHECK_EQ(taken.trace->quality.earlier_frees, 2);
	CHECK_EQ(taken.trace->quality.unknown_frees, 0);
	CHECK_EQ(taken.totals.frees, 2);
	CHECK_EQ(taken.totals.live_size, 0);
	drop_both(&taken, &made);
}

TEST(an_undo_brings_nothing_back_that_was_cleared)
{
	struct made made;
	struct taken taken;

	begin(&made);
	made_alloc(&made, 0, 0x10, 1, 0, NULL);
	made_event(&made, EVENT_FREE, 0, 0x10);
	made_event(&made, EVENT_CLEAR, 0, 0);
	made_event(&made, EVENT_UNDO, 0, 0);
	take_all(&taken, &made, "end");
	CHECK_EQ(taken.snapshots[0]->n_traces, 0);
	drop_both(&taken, &made);
}

TEST(an_unknown_free_that_is_undone_leaves_the_count_that_had_it)
{
	struct made made;
	struct taken taken;

	begin(&made);
	made_event(&made, EVENT_FREE, 0, 0x10);
	made_event(&made, EVENT_START, 0, 0);
	made_event(&made, EVENT_UNDO, 0, 0);
	take_all(&taken, &made, "end");
	CHECK_EQ(taken.trace->quality.unknown_frees, 0);
	CHECK_EQ(taken.trace->quality.earlier_frees, 0);
	drop_both(&taken, &made);
}

TEST(the_peak_begins_anew_when_it_is_reset)
{
	struct made made;
	struct taken taken;

	begin(&made);
	made_alloc(&made, 0, 0x10, 100, 0, NULL);
	made_alloc(&made, 0, 0x20, 50, 0, NULL);
	made_event(&made, EVENT_FREE, 0, 0x10);
	made_event(&made, EVENT_RESET_PEAK, 0, 0);
	take_all(&taken, &made, "peak");
	CHECK_EQ(taken.totals.peak_size, 50);
	CHECK_EQ(taken.totals.peak_event, 3);
	CHECK_EQ(taken.snapshots[0]->size, 50);
	CHECK_EQ(taken.snapshots[0]->n_traces, 1);
	drop_both(&taken, &made);

	begin(&made);
	made_alloc(&made, 0, 0x10, 100, 0, NULL);
	made_event(&made, EVENT_FREE, 0, 0x10);
	made_event(&made, EVENT_RESET_PEAK, 0, 0);
	made_alloc(&made, 0, 0x10, 60, 0, NULL);
	made_event(&made, EVENT_FREE, 0, 0x10);
	made_alloc(&made, 0, 0x20, 10, 0, NULL);
	take_all(&taken, &made, "peak");
	CHECK_EQ(taken.totals.peak_size, 60);
	CHECK_EQ(taken.snapshots[0]->size, 60);
	CHECK_EQ(taken.snapshots[0]->traces[0].address, 0x10);
	drop_both(&taken, &made);
}

/* As tracemalloc's example: +100 +50 -100 reset +10 clear, and a free of an old block. */
TEST(a_clear_begins_the_peak_anew_but_a_stop_keeps_it)
{
	struct made made;
	struct taken taken;

	begin(&made);
	made_alloc(&made, 0, 0x10, 100, 0, NULL);
	made_event(&made, EVENT_CLEAR, 0, 0);
	made_event(&made, EVENT_FREE, 0, 0x10);
	take_all(&taken, &made, "peak");
	CHECK_EQ(taken.totals.peak_size, 0);
	CHECK_EQ(taken.snapshots[0]->n_traces, 0);
	drop_both(&taken, &made);

	begin(&made);
	made_alloc(&made, 0, 0x10, 100, 0, NULL);
	stop(&made);
	take_all(&taken, &made, "peak end");
	CHECK_EQ(taken.totals.peak_size, 100);
	CHECK_EQ(taken.snapshots[0]->size, 100);
	CHECK_EQ(taken.snapshots[1]->size, 0);
	drop_both(&taken, &made);
}

static size_t frames_of(struct taken *taken, size_t snapshot)
{
	struct snapshot *s = taken->snapshots[snapshot];
	size_t n = 0;

	if (CHECK_EQ(s->n_traces, 1))
		frames_traceback_get(taken->frames, snapshot_traceback(s, s->traces[0].stack), &n);
	return n;
}

TEST(each_session_has_its_own_limit_of_frames)
{
	static const uint64_t frames[] = {0x100, 0x200, 0x300, 0x400};
	struct made made;
	struct taken taken;

	begin(&made);
	made_event(&made, EVENT_START, 0, 3);
	made_alloc(&made, 0, 0x10, 100, 4, frames);
	stop(&made);
	made_event(&made, EVENT_START, 0, 2);
	made_delta(&made, &(struct raw_event){
				  .kind = EVENT_ALLOC, .address = 0x20, .size = 20, .kept = 4});
	take_all(&taken, &made, "peak end event:1");
	CHECK_EQ(frames_of(&taken, 0), 3);
	CHECK_EQ(frames_of(&taken, 1), 2);
	CHECK_EQ(frames_of(&taken, 2), 3);
	CHECK_EQ(taken.snapshots[0]->traceback_limit, 3);
	CHECK_EQ(taken.snapshots[1]->traceback_limit, 2);
	CHECK_EQ(taken.snapshots[2]->traceback_limit, 3);
	CHECK_EQ(taken.trace->quality.truncated_tracebacks, 2);
	drop_both(&taken, &made);
}

TEST(the_last_name_of_a_domain_counts)
{
	uint8_t payload[64];
	struct put p = put_into(payload, sizeof payload);
	struct made made;
	struct taken taken;

	put_varint(&p, 7);
	put_string(&p, "pool", 4);
	put_varint(&p, UINT32_MAX);
	put_string(&p, "last", 4);
	put_varint(&p, 7);
	put_string(&p, "the pool", 8);
	begin(&made);
	made_chunk(&made, CHUNK_DOMAINS, payload, (size_t)(p.at - payload));
	track(&made, 0x10, 1, 7);
	take_all(&taken, &made, "end");
	CHECK_STR(snapshot_domain_name(taken.snapshots[0], 7), "the pool");
	CHECK_STR(snapshot_domain_name(taken.snapshots[0], UINT32_MAX), "last");
	CHECK_STR(snapshot_domain_name(taken.snapshots[0], 9), "");
	drop_both(&taken, &made);
}
