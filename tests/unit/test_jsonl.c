// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "analyzer/snapshot_file.h"
#include "tests/test.h"
#include "tests/unit/made_snapshot.h"

static char *exported(struct snapshot *snapshot)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	jsonl_export(snapshot, out);
	fclose(out);
	return text;
}

TEST(what_is_imported_is_exported_again)
{
	static const char text[] =
		"{\"domain\":4294967295,\"size\":9223372036854775807,\"traceback\":[[\"a\\\"\\\\."
		"c\",1]],\"total_nframe\":65535}\n"
		"{\"domain\":0,\"size\":0,\"traceback\":[[\"\\udcff.c\",2147483647],[\"\xc3\xa9\","
		"0]],\"total_nframe\":2}\n"
		"{\"domain\":0,\"size\":0,\"traceback\":[[\"<unknown>\",0]],\"total_nframe\":1}\n";
	struct frames *frames = frames_new();
	char *message = NULL, *back;
	struct snapshot *snapshot = made_import(text, frames, &message);

	CHECK_STR(message, NULL);
	CHECK_EQ(snapshot->size, 9223372036854775807);
	CHECK_EQ(snapshot_stacks(snapshot), 3);
	back = exported(snapshot);
	CHECK_STR(back, text);
	free(back);
	snapshot_free(snapshot);
	frames_free(frames);
}

TEST(keys_may_stand_in_any_order_and_total_nframe_may_be_missing)
{
	struct frames *frames = frames_new();
	char *message = NULL;
	struct snapshot *snapshot =
		made_import(" { \"note\" : {\"a\":[1]}, \"traceback\" : [ [ \"a\" , 1 ] , "
			    "[\"b\",2] ] , \"size\" : 7 , \"domain\":1 } \r",
			    frames, &message);

	CHECK_STR(message, NULL);
	CHECK_EQ(snapshot->n_traces, 1);
	CHECK_EQ(snapshot->traces[0].size, 7);
	CHECK_EQ(snapshot->traces[0].total_nframe, 2);
	snapshot_free(snapshot);
	frames_free(frames);
}

TEST(no_lines_are_no_traces)
{
	struct frames *frames = frames_new();
	char *message = NULL;
	struct snapshot *snapshot = made_import("", frames, &message);

	CHECK_EQ(snapshot->n_traces, 0);
	snapshot_free(snapshot);
	frames_free(frames);
}

#define GOOD "{\"domain\":0,\"size\":1,\"traceback\":[[\"a\",1]]}\n"

TEST(a_bad_line_is_named_with_what_was_expected)
{
	static const struct {
		const char *line, *expected;
	} bad[] = {
		{"", "a trace"},
		{"[]", "a trace"},
		{"{}", "a key"},
		{"{\"domain\":0,\"size\":1}", "\"traceback\""},
		{"{\"size\":1,\"traceback\":[[\"a\",1]]}", "\"domain\""},
		{"{\"domain\":0,\"traceback\":[[\"a\",1]]}", "\"size\""},
		{"{\"domain\":0,\"size\":1,\"traceback\":[]}", "a frame"},
		{"{\"domain\":0,\"size\":1,\"traceback\":[[]]}", "a file name"},
		{"{\"domain\":0,\"size\":1,\"traceback\":[[\"a\"]]}", "a line number"},
		{"{\"domain\":0,\"size\":1,\"traceback\":[[\"a\",1,2]]}", "']'"},
		{"{\"domain\":0,\"size\":1,\"traceback\":[[\"a\",-1]]}", "a line number"},
		{"{\"domain\":0,\"size\":1,\"traceback\":[[\"a\",1]],}", "a key"},
		{"{\"domain\":0,\"size\":1,\"size\":1,\"traceback\":[[\"a\",1]]}", "each key once"},
		{"{\"domain\":0,\"size\":9223372036854775808,\"traceback\":[[\"a\",1]]}",
		 "a size from 0 to"},
		{"{\"domain\":0,\"size\":1.5,\"traceback\":[[\"a\",1]]}", "a size from 0 to"},
		{"{\"domain\":4294967296,\"size\":1,\"traceback\":[[\"a\",1]]}",
		 "a domain from 0 to"},
		{"{\"domain\":0,\"size\":1,\"traceback\":[[\"a\",1]],\"total_nframe\":0}",
		 "a total_nframe"},
		{"{\"domain\":0,\"size\":1,\"traceback\":[[\"a\",1]],\"total_nframe\":65536}",
		 "a total_nframe"},
		{"{\"domain\":0,\"size\":1,\"traceback\":[[\"a\",1]]} x", "the end of the line"},
		{"{\"domain\":0,\"size\":1,\"traceback\":[[\"a\",1]]", "',' or '}'"},
		{"{\"domain\":0,\"size\":1,\"traceback\":[[\"\xff\",1]]}",
		 "characters that may stand in a name"},
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct frames *frames = frames_new();
		char text[512], *message = NULL;

		snprintf(text, sizeof text, GOOD GOOD "%s\n" GOOD, bad[i].line);
		CHECK(!made_import(text, frames, &message));
		if (!CHECK(message && strstr(message, ": line 3: expected ") &&
			   strstr(message, bad[i].expected)))
			fprintf(stderr, "    %s\n    %s\n", bad[i].line, message);
		free(message);
		frames_free(frames);
	}
}

TEST(a_file_that_cannot_be_read_is_named)
{
	struct frames *frames = frames_new();
	char *message = NULL;

	CHECK(!jsonl_import("/nonexistent/x.jsonl", frames, &message));
	CHECK_STR(message, "/nonexistent/x.jsonl: No such file or directory");
	free(message);
	frames_free(frames);
}
