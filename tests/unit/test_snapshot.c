// SPDX-License-Identifier: MIT
#include "analyzer/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/statistic.h"
#include "tests/test.h"
#include "tests/unit/made_snapshot.h"

TEST(traces_and_their_frames_are_reached_by_number)
{
	struct frames *frames = frames_new();
	struct snapshot *snapshot =
		made_snapshot(frames, "0 1 a.c:1\n3 2 c.c:3<b.c:2<a.c:1\n0 3 b.c:2\n");
	size_t n;

	CHECK_EQ(snapshot->n_traces, 3);
	CHECK_EQ(snapshot->traces[1].domain, 3);
	CHECK_EQ(snapshot->traces[2].size, 3);
	const uint32_t *ids = frames_traceback_get(
		frames, snapshot_traceback(snapshot, snapshot->traces[1].stack), &n);

	if (CHECK_EQ(n, 3)) {
		const struct frame *recent = frames_get(frames, ids[0]),
				   *oldest = frames_get(frames, ids[2]);

		CHECK_STR(frames_text(frames, recent->file, NULL), "c.c");
		CHECK_EQ(recent->line, 3);
		CHECK_STR(frames_text(frames, oldest->file, NULL), "a.c");
		uint32_t part = frames_traceback(frames, ids + 1, 2);
		char *text = made_text(frames, part);

		CHECK_STR(text, "b.c:2<a.c:1");
		free(text);
	}
	snapshot_free(snapshot);
	frames_free(frames);
}

TEST(equal_tracebacks_are_stored_once)
{
	struct frames *frames = frames_new();
	struct snapshot *snapshot = made_snapshot(
		frames, "0 1 a.c:1<b.c:2\n1 2 a.c:1<b.c:2\n0 3 a.c:1\n0 4 a.c:1<b.c:2\n");

	CHECK_EQ(snapshot_stacks(snapshot), 2);
	CHECK_EQ(snapshot->traces[0].stack, snapshot->traces[1].stack);
	CHECK_EQ(snapshot->traces[0].stack, snapshot->traces[3].stack);
	snapshot_free(snapshot);
	frames_free(frames);
}

TEST(the_true_depth_is_of_the_trace_and_splits_no_group)
{
	struct frames *frames = frames_new();
	char *message = NULL;
	struct snapshot *snapshot = made_import(
		"{\"domain\":0,\"size\":5,\"traceback\":[[\"a.c\",1]],\"total_nframe\":1}\n"
		"{\"domain\":0,\"size\":7,\"traceback\":[[\"a.c\",1]],\"total_nframe\":9}\n"
		"{\"domain\":2,\"size\":8,\"traceback\":[[\"a.c\",1]],\"total_nframe\":9}\n",
		frames, &message);
	size_t n;

	CHECK_STR(message, NULL);
	CHECK_EQ(snapshot->traces[0].total_nframe, 1);
	CHECK_EQ(snapshot->traces[1].total_nframe, 9);
	struct statistic *rows = statistics(snapshot, GROUP_TRACEBACK, false, &n);

	CHECK_EQ(n, 1);
	CHECK_EQ(rows[0].size, 20);
	CHECK_EQ(rows[0].count, 3);
	free(rows);
	snapshot_free(snapshot);
	frames_free(frames);
}
