// SPDX-License-Identifier: MIT
#include "analyzer/statistic.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"
#include "tests/unit/made_snapshot.h"

/* "SIZE/COUNT TRACEBACK", one a line. */
static void check_rows(const char *lines, enum group_key key, bool cumulative, const char *wanted)
{
	struct frames *frames = frames_new();
	struct snapshot *snapshot = made_snapshot(frames, lines);
	size_t n, size;
	struct statistic *rows = statistics(snapshot, key, cumulative, &n);
	char *text;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < n; i++) {
		char *traceback = made_text(frames, rows[i].traceback);

		fprintf(out, "%llu/%llu %s\n", (unsigned long long)rows[i].size,
			(unsigned long long)rows[i].count,
			rows[i].key == STRING_NONE ? traceback
						   : frames_text(frames, rows[i].key, NULL));
		free(traceback);
	}
	fclose(out);
	CHECK_STR(text, wanted);
	free(text);
	free(rows);
	snapshot_free(snapshot);
	frames_free(frames);
}

#define EXAMPLE "0 24 pool.c:40<main.c:7\n0 8 pool.c:40<init.c:3\n1 8 pool.c:41<main.c:7\n"

TEST(groups_by_traceback_line_and_file)
{
	check_rows(EXAMPLE, GROUP_TRACEBACK, false,
		   "24/1 pool.c:40<main.c:7\n8/1 pool.c:41<main.c:7\n8/1 pool.c:40<init.c:3\n");
	check_rows(EXAMPLE, GROUP_LINENO, false, "32/2 pool.c:40\n8/1 pool.c:41\n");
	check_rows(EXAMPLE, GROUP_FILENAME, false, "40/3 pool.c:0\n");
}

TEST(cumulative_groups_count_every_frame)
{
	check_rows(EXAMPLE, GROUP_LINENO, true,
		   "32/2 pool.c:40\n32/2 main.c:7\n8/1 pool.c:41\n8/1 init.c:3\n");
	check_rows(EXAMPLE, GROUP_FILENAME, true, "40/3 pool.c:0\n32/2 main.c:0\n8/1 init.c:0\n");
}

TEST(a_frame_that_occurs_twice_counts_twice)
{
	check_rows("0 100 a.c:1<a.c:1<a.c:2<b.c:9\n", GROUP_LINENO, true,
		   "200/2 a.c:1\n100/1 b.c:9\n100/1 a.c:2\n");
	check_rows("0 100 a.c:1<a.c:1<a.c:2<b.c:9\n", GROUP_FILENAME, true,
		   "300/3 a.c:0\n100/1 b.c:0\n");
}

TEST(ties_are_broken_by_count_then_traceback_from_the_oldest_frame)
{
	check_rows(
		"0 5 z.c:1<a.c:1\n0 5 z.c:1\n0 5 a.c:1<z.c:1\n0 5 m.c:9<z.c:1\n0 5 m.c:10<z.c:1\n",
		GROUP_TRACEBACK, false,
		"5/1 m.c:10<z.c:1\n5/1 m.c:9<z.c:1\n5/1 a.c:1<z.c:1\n5/1 z.c:1\n5/1 z.c:1<a.c:1\n");
	check_rows("0 4 a.c:1\n0 2 b.c:1\n0 2 b.c:1\n", GROUP_LINENO, false,
		   "4/2 b.c:1\n4/1 a.c:1\n");
}

TEST(sizes_of_zero_are_listed_and_nothing_gives_nothing)
{
	check_rows("0 0 a.c:1\n", GROUP_LINENO, false, "0/1 a.c:1\n");
	check_rows("", GROUP_LINENO, false, "");
}

TEST(domains_threads_and_processes_are_texts)
{
	check_rows(EXAMPLE, GROUP_DOMAIN, false, "32/2 heap (0)\n8/1 mmap (1)\n");
	check_rows(EXAMPLE, GROUP_THREAD, false, "40/3 <unknown>\n");
	check_rows(EXAMPLE, GROUP_PROCESS, false, "40/3 <unknown>\n");
	check_rows(EXAMPLE, GROUP_FUNCTION, false, "32/2 pool.c:40\n8/1 pool.c:41\n");
	check_rows(EXAMPLE, GROUP_MODULE, false, "40/3 <unknown>\n");
}

TEST(a_comparison_has_growth_before_loss_and_keeps_what_did_not_change)
{
	struct frames *frames = frames_new();
	struct snapshot *older =
		made_snapshot(frames, "0 10 same.c:1\n0 10 gone.c:1\n0 30 swap.c:1\n");
	struct snapshot *newer = made_snapshot(
		frames, "0 10 same.c:1\n0 10 new.c:1\n0 10 swap.c:1\n0 20 swap.c:1\n");
	static const struct {
		const char *traceback;
		long long size, size_diff, count, count_diff;
	} wanted[] = {{"new.c:1", 10, 10, 1, 1},
		      {"gone.c:1", 0, -10, 0, -1},
		      {"swap.c:1", 30, 0, 2, 1},
		      {"same.c:1", 10, 0, 1, 0}};
	size_t n;
	struct statistic_diff *rows = statistics_compare(newer, older, GROUP_LINENO, false, &n);

	CHECK_EQ(n, 4);
	for (size_t i = 0; i < n && i < 4; i++) {
		char *text = made_text(frames, rows[i].traceback);

		CHECK_STR(text, wanted[i].traceback);
		CHECK_EQ(rows[i].size, wanted[i].size);
		CHECK_EQ(rows[i].size_diff, wanted[i].size_diff);
		CHECK_EQ(rows[i].count, wanted[i].count);
		CHECK_EQ(rows[i].count_diff, wanted[i].count_diff);
		free(text);
	}
	free(rows);
	snapshot_free(older);
	snapshot_free(newer);
	frames_free(frames);
}
