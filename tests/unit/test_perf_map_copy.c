// SPDX-License-Identifier: MIT
/*
 * Perf maps of processes that cannot be: their numbers are larger than any pid.
 */
#include "preload/perf_map_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/trace_private.h"
#include "preload/writer.h"
#include "tests/test.h"
#include "tests/unit/made_trace.h"

#define PID_MOST 4194304 /* of 64-bit kernels */

static struct {
	char *bytes;
	size_t size, limit;
} file;

static int put(void *arg, const void *bytes, size_t size, uint64_t offset)
{
	(void)arg;
	if (offset + size > file.limit)
		return -ENOSPC;
	if (offset + size > file.size) {
		file.bytes = realloc(file.bytes, offset + size);
		file.size = offset + size;
	}
	memcpy(file.bytes + offset, bytes, size);
	return 0;
}

static char path[64];
static int pid;

/* A new trace, and a name for a map of a process of which no trace has anything. */
static void begin(void)
{
	static const struct sink sink = {.put = put};
	static int n;

	free(file.bytes);
	memset(&file, 0, sizeof file);
	file.limit = SIZE_MAX;
	writer_forked();
	CHECK_EQ(writer_start(&sink, 1, (const uint8_t *)"", 0), 0);
	pid = PID_MOST + (int)getpid() + PID_MOST * ++n;
	snprintf(path, sizeof path, "/tmp/perf-%d.map", pid);
	unlink(path);
}

static void append(const char *text, size_t times)
{
	FILE *out = fopen(path, "a");

	for (size_t i = 0; i < times; i++)
		fputs(text, out);
	fclose(out);
}

/* How many lines the trace has of the map; -1 if it is damaged. */
static int lines_now(void)
{
	char *message = NULL;
	struct trace *trace = made_open_bytes(file.bytes, file.size, &message);
	int n = trace && !trace->quality.damaged_chunks && !trace->quality.skipped_bytes
			? (int)perf_map_lines(&trace->inner->perf_map)
			: -1;

	free(message);
	trace_close(trace);
	return n;
}

static void end(void)
{
	struct closing closing = {.ended_by = ENDED_BY_STOP};

	writer_close(&closing);
	unlink(path);
	writer_forked();
}

TEST(a_map_is_copied_whole_and_then_what_it_grew_by)
{
	begin();
	perf_map_copy(pid, 0);
	CHECK_EQ(lines_now(), 0);
	append("1000 10 some function of some name\n", 30000);
	perf_map_copy(pid, 0);
	CHECK_EQ(lines_now(), 30000);
	perf_map_copy(pid, 0);
	CHECK_EQ(lines_now(), 30000);
	append("2000 10 f\n", 5);
	perf_map_copy(pid, 0);
	CHECK_EQ(lines_now(), 30005);
	end();
}

TEST(a_map_that_began_anew_is_copied_from_its_beginning)
{
	begin();
	append("1000 10 f\n", 9);
	perf_map_copy(pid, 0);
	CHECK_EQ(truncate(path, 0), 0);
	append("2000 10 g\n", 3);
	perf_map_copy(pid, 0);
	CHECK_EQ(lines_now(), 12);
	end();
}

TEST(a_map_from_before_the_recording_is_not_copied)
{
	struct stat status;

	begin();
	append("1000 10 f\n", 1);
	stat(path, &status);
	uint64_t written =
		(uint64_t)status.st_mtim.tv_sec * 1000000000 + (uint64_t)status.st_mtim.tv_nsec;

	perf_map_copy(pid, written + PERF_MAP_TICK_NS + 1);
	CHECK_EQ(lines_now(), 0);
	perf_map_copy(pid, written + PERF_MAP_TICK_NS);
	CHECK_EQ(lines_now(), 1);
	end();
}

TEST(only_a_file_of_one_name_is_a_map)
{
	char other[80];

	begin();
	snprintf(other, sizeof other, "%s.other", path);
	append("1000 10 f\n", 1);
	CHECK_EQ(link(path, other), 0);
	perf_map_copy(pid, 0);
	CHECK_EQ(unlink(path), 0);
	CHECK_EQ(symlink(other, path), 0);
	perf_map_copy(pid, 0);
	unlink(path);
	CHECK_EQ(mkfifo(path, 0600), 0);
	perf_map_copy(pid, 0);
	unlink(path);
	CHECK_EQ(mkdir(path, 0700), 0);
	perf_map_copy(pid, 0);
	rmdir(path);
	CHECK_EQ(lines_now(), 0);
	CHECK_EQ(rename(other, path), 0);
	perf_map_copy(pid, 0);
	CHECK_EQ(lines_now(), 1);
	end();
}

TEST(a_map_that_there_is_no_room_for_costs_nothing_else)
{
	const uint8_t thread[] = {1, 101, 4, 'm', 'a', 'i', 'n'};

	begin();
	append("1000 10 some function of some name\n", 30000);
	file.limit = file.size + 100;
	perf_map_copy(pid, 0);
	CHECK_EQ(lines_now(), 0);
	size_t before = file.size;

	writer_chunk(CHUNK_THREADS, 1, thread, sizeof thread);
	CHECK(file.size > before);
	file.limit = SIZE_MAX;
	perf_map_copy(pid, 0);
	CHECK_EQ(lines_now(), 30000);
	end();
}
