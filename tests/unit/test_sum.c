// SPDX-License-Identifier: MIT
/*
 * Sums over several snapshots: what the groups of all together are, those of the parts must add up
 * to, whatever the key.
 */
#include "analyzer/group.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/die.h"
#include "analyzer/trace_head.h"
#include "tests/test.h"
#include "tests/unit/made_snapshot.h"

#define PARTS 3
#define TRACES 400

/* Traces of few files and lines, so that the parts have many groups in common. */
static void put_traces(FILE *whole, FILE *const parts[PARTS])
{
	srand(6);
	for (int i = 0; i < TRACES; i++) {
		char line[200];
		int at = snprintf(line, sizeof line, "%d %d ", rand() % 3, rand() % 1000);

		for (int depth = 1 + rand() % 4; depth; depth--)
			at += snprintf(line + at, sizeof line - (size_t)at, "%c.c:%d%s",
				       'a' + rand() % 4, 1 + rand() % 5, depth > 1 ? "<" : "\n");
		fputs(line, whole);
		fputs(line, parts[rand() % PARTS]);
	}
}

static void check_same(const struct frames *frames, const struct statistic *rows, size_t n,
		       const struct statistic *wanted, size_t n_wanted)
{
	CHECK_EQ(n, n_wanted);
	for (size_t i = 0; i < n && i < n_wanted; i++) {
		char *traceback = made_text(frames, rows[i].traceback),
		     *wanted_traceback = made_text(frames, wanted[i].traceback);

		CHECK_EQ(rows[i].key, wanted[i].key);
		if (rows[i].key == STRING_NONE) /* else any frame of the group stands for it */
			CHECK_STR(traceback, wanted_traceback);
		CHECK_EQ(rows[i].size, wanted[i].size);
		CHECK_EQ(rows[i].count, wanted[i].count);
		CHECK_EQ(rows[i].total_size, wanted[i].total_size);
		CHECK_EQ(rows[i].total_count, wanted[i].total_count);
		free(traceback);
		free(wanted_traceback);
	}
}

/* Each part is gone before the next one is there. */
static void check_key(struct frames *frames, const char *whole, char *const parts[PARTS],
		      enum group_key key, bool cumulative)
{
	struct groups groups = {.key = key, .cumulative = cumulative};
	struct snapshot *all = made_snapshot(frames, whole);
	size_t n, n_wanted;
	struct statistic *wanted = statistics(all, key, cumulative, &n_wanted);

	for (int i = 0; i < PARTS; i++) {
		struct snapshot *part = made_snapshot(frames, parts[i]);

		groups_add(&groups, part, GROUP_NEW);
		snapshot_free(part);
	}
	struct statistic *rows = statistics_of(&groups, &n);

	check_same(frames, rows, n, wanted, n_wanted);
	groups_release(&groups);
	snapshot_free(all);
	free(rows);
	free(wanted);
}

TEST(parts_add_up_to_the_whole_for_every_key)
{
	FILE *out[PARTS + 1];
	char *text[PARTS + 1];
	size_t size[PARTS + 1];
	struct frames *frames = frames_new();

	for (int i = 0; i <= PARTS; i++)
		out[i] = open_memstream(&text[i], &size[i]);
	put_traces(out[PARTS], out);
	for (int i = 0; i <= PARTS; i++)
		fclose(out[i]);
	for (unsigned key = 0; key < GROUP_KEY_END; key++) {
		check_key(frames, text[PARTS], text, (enum group_key)key, false);
		if (group_key_is_frame((enum group_key)key))
			check_key(frames, text[PARTS], text, (enum group_key)key, true);
	}
	for (int i = 0; i <= PARTS; i++)
		free(text[i]);
	frames_free(frames);
}

/* "SIZE KEY", one a line, of two processes with a trace each. */
static void check_keys(enum group_key key, bool several, const char *wanted)
{
	struct frames *frames = frames_new();
	struct groups groups = {.key = key, .several = several};
	char *text;
	size_t n, size;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; i < 2; i++) {
		struct snapshot *part = made_snapshot(frames, i ? "0 8 a.c:1\n" : "0 24 a.c:1\n");

		part->process = i ? "ls[8]" : "sh[7]";
		part->traces[0].thread = 1;
		groups_add(&groups, part, GROUP_NEW);
		snapshot_free(part);
	}
	struct statistic *rows = statistics_of(&groups, &n);

	for (size_t i = 0; i < n; i++)
		fprintf(out, "%llu %s\n", (unsigned long long)rows[i].size,
			frames_text(frames, rows[i].key, NULL));
	fclose(out);
	CHECK_STR(text, wanted);
	free(text);
	free(rows);
	groups_release(&groups);
	frames_free(frames);
}

TEST(processes_and_their_threads_are_rows_of_their_own_and_domains_are_not)
{
	check_keys(GROUP_PROCESS, true, "24 sh[7]\n8 ls[8]\n");
	check_keys(GROUP_THREAD, true, "24 sh[7] thread 1\n8 ls[8] thread 1\n");
	check_keys(GROUP_THREAD, false, "32 thread 1\n");
	check_keys(GROUP_DOMAIN, true, "32 heap (0)\n");
}

static struct trace_head head(const char *boot_id, uint64_t pid, uint64_t time_ns, uint64_t inode)
{
	return (struct trace_head){
		.boot_id = (char *)(uintptr_t)boot_id,
		.pid = pid,
		.time_ns = time_ns,
		.inode = inode,
	};
}

TEST(copies_of_a_recording_are_the_same_and_an_exec_is_another_of_the_same_process)
{
	struct trace_head first = head("b", 7, 100, 1), copy = head("b", 7, 100, 2),
			  exec = head("b", 7, 200, 3), other = head("c", 7, 100, 4);

	CHECK_EQ(trace_head_compare(&first, &copy), 0);
	CHECK(trace_head_compare(&first, &exec) < 0);
	CHECK(trace_head_compare(&first, &other) != 0);
	CHECK(trace_head_same_process(&first, &exec));
	CHECK(!trace_head_same_process(&first, &other));
}

TEST(what_tells_no_process_is_the_same_only_as_the_same_file)
{
	struct trace_head one = head("", 0, 0, 1), again = head("", 0, 0, 1),
			  other = head("", 0, 0, 2);

	CHECK_EQ(trace_head_compare(&one, &again), 0);
	CHECK(trace_head_compare(&one, &other) != 0);
	CHECK(!trace_head_same_process(&one, &again));
}
