// SPDX-License-Identifier: MIT
#include "analyzer/ahead.h"

#include <string.h>

#include "analyzer/replay.h"
#include "analyzer/trace_private.h"
#include "tests/test.h"
#include "tests/unit/made_trace.h"

#define CHUNKS 40u
#define EVENTS 300u

/* Two threads that fill chunks in turn; all but every third block is freed. */
static struct trace *make(struct made *made)
{
	made_begin(made);
	for (uint32_t chunk = 0; chunk < CHUNKS; chunk++) {
		uint32_t thread = 1 + chunk % 2;

		made_block(made, thread, chunk / 2, true);
		for (uint64_t i = 0; i < EVENTS; i++) {
			uint64_t address = ((uint64_t)chunk * EVENTS + i) * 32 + 32;

			made_alloc(made, 1 + chunk * 2 * EVENTS + 2 * i, address, 10, 1,
				   (uint64_t[]){0x400000 + i % 7});
			if (i % 3)
				made_event(made, EVENT_FREE, 2 + chunk * 2 * EVENTS + 2 * i,
					   address);
		}
		made_flush(made);
	}
	return made_open(made);
}

TEST(what_is_decoded_ahead_is_what_is_decoded_in_turn)
{
	struct made made;
	struct trace *trace = make(&made);
	struct reader *reader = &trace->inner->reader;
	struct ahead *ahead = ahead_new(reader);
	struct ahead_job jobs[2] = {0};
	struct decoded taken = {0}, own = {0};

	if (!ahead)
		SKIP("there is one core only");
	ahead_ask(ahead, &jobs[0], &reader->chunks[0]);
	for (size_t i = 0; i < reader->n_chunks; i++) {
		if (i + 1 < reader->n_chunks)
			ahead_ask(ahead, &jobs[(i + 1) % 2], &reader->chunks[i + 1]);
		bool loaded = ahead_take(ahead, &jobs[i % 2], &taken);

		CHECK_EQ(loaded, decoded_load(&own, reader, &reader->chunks[i]));
		if (!loaded)
			continue;
		CHECK_EQ(taken.n_events, own.n_events);
		CHECK_EQ(taken.n_deltas, own.n_deltas);
		for (size_t event = 0; event < own.n_events; event++)
			CHECK(taken.events[event].address == own.events[event].address &&
			      taken.events[event].link == own.events[event].link);
	}
	ahead_free(ahead);
	ahead_forget(&jobs[0]);
	ahead_forget(&jobs[1]);
	decoded_release(&taken);
	decoded_release(&own);
	trace_close(trace);
	made_release(&made);
}

TEST(what_was_asked_for_need_not_be_taken)
{
	struct made made;
	struct trace *trace = make(&made);
	struct reader *reader = &trace->inner->reader;
	struct ahead_job jobs[CHUNKS] = {0};
	struct ahead *ahead = ahead_new(reader);

	if (!ahead)
		SKIP("there is one core only");
	for (size_t i = 0; i < CHUNKS; i++)
		ahead_ask(ahead, &jobs[i], &reader->chunks[i]);
	ahead_free(ahead);
	for (size_t i = 0; i < CHUNKS; i++)
		ahead_forget(&jobs[i]);
	trace_close(trace);
	made_release(&made);
}

TEST(a_replay_of_long_streams_counts_every_event)
{
	struct made made;
	struct trace *trace = make(&made);
	struct replay_totals totals;
	char *message = NULL;

	CHECK_EQ(replay(trace, NULL, 0, NULL, NULL, NULL, &totals, NULL, NULL, &message), 0);
	CHECK_EQ(totals.allocations, CHUNKS * EVENTS);
	CHECK_EQ(totals.frees, CHUNKS * EVENTS / 3 * 2);
	CHECK_EQ(totals.live_count, CHUNKS * EVENTS / 3);
	CHECK_EQ(trace->quality.unknown_frees, 0);
	CHECK_EQ(trace->quality.order_conflicts, 0);
	trace_close(trace);
	made_release(&made);
}
