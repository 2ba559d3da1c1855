// SPDX-License-Identifier: MIT
#include "analyzer/frames.h"

#include <string.h>

#include "tests/test.h"

static uint32_t frame(struct frames *frames, const char *file, uint32_t line)
{
	return frames_frame(frames, &(struct frame){
					    .file = frames_string(frames, file, strlen(file)),
					    .line = line,
					    .function = STRING_NONE,
					    .module = STRING_NONE,
				    });
}

static uint32_t named(struct frames *frames, const char *file, uint32_t line, const char *function)
{
	return frames_frame(frames,
			    &(struct frame){
				    .file = frames_string(frames, file, strlen(file)),
				    .line = line,
				    .function = frames_string(frames, function, strlen(function)),
				    .module = STRING_NONE,
			    });
}

TEST(equal_strings_have_one_id_and_keep_their_place)
{
	struct frames *frames = frames_new();
	uint32_t first = frames_string(frames, "main.c", 6);
	const char *text = frames_text(frames, first, NULL);
	size_t size;

	for (unsigned i = 0; i < 5000; i++) {
		char name[16];

		frames_string(frames, name, (size_t)snprintf(name, sizeof name, "%u.c", i));
	}
	CHECK_EQ(frames_string(frames, "main.c", 6), first);
	CHECK(frames_text(frames, first, &size) == text);
	CHECK_EQ(size, 6);
	CHECK_STR(text, "main.c");
	CHECK_EQ(frames_strings(frames), 5001);
	CHECK_EQ(frames_string(frames, "", 0), 5001);
	frames_free(frames);
}

TEST(frames_are_equal_by_file_and_line)
{
	struct frames *frames = frames_new();
	uint32_t a = named(frames, "a.c", 9, "f"), b = named(frames, "a.c", 9, "g"),
		 c = frame(frames, "a.c", 10);

	CHECK(a != b);
	CHECK_EQ(frames_compare(frames, a, b), 0);
	CHECK_EQ(frames_place(frames, a), frames_place(frames, b));
	CHECK(frames_place(frames, c) != frames_place(frames, a));
	CHECK_EQ(named(frames, "a.c", 9, "f"), a);
	frames_free(frames);
}

TEST(frames_are_ordered_by_bytes_then_line_as_a_number)
{
	static const struct {
		const char *file;
		uint32_t line;
	} ordered[] = {{"Z.c", 1},  {"a-b.c", 1}, {"a.c", 9},	{"a.c", 10},
		       {"a.c0", 0}, {"a/b.c", 1}, {"a_b.c", 1}, {"\xc3\xa9.c", 1}};
	struct frames *frames = frames_new();

	for (size_t i = 0; i + 1 < sizeof ordered / sizeof *ordered; i++) {
		uint32_t a = frame(frames, ordered[i].file, ordered[i].line);
		uint32_t b = frame(frames, ordered[i + 1].file, ordered[i + 1].line);

		CHECK(frames_compare(frames, a, b) < 0);
		CHECK(frames_compare(frames, b, a) > 0);
	}
	frames_free(frames);
}

TEST(bytes_that_are_not_utf8_are_ordered_as_surrogates)
{
	static const char *const ordered[] = {
		"a",	"ab",	"\xc3\xa9", "\xed\x9f\xbf", "\x80",
		"\xc3", "\xff", "\xff\xff", "\xee\x80\x80", "\xf0\x9f\x98\x80"};
	struct frames *frames = frames_new();

	for (size_t i = 0; i < sizeof ordered / sizeof *ordered; i++)
		for (size_t j = 0; j < sizeof ordered / sizeof *ordered; j++) {
			uint32_t a = frames_string(frames, ordered[i], strlen(ordered[i]));
			uint32_t b = frames_string(frames, ordered[j], strlen(ordered[j]));
			int order = frames_text_compare(frames, a, b);

			CHECK_EQ((order > 0) - (order < 0), (i > j) - (i < j));
		}
	frames_free(frames);
}

TEST(tracebacks_are_ordered_from_the_oldest_frame_and_a_prefix_is_smaller)
{
	struct frames *frames = frames_new();
	uint32_t z = frame(frames, "z.c", 1), a = frame(frames, "a.c", 1),
		 m9 = frame(frames, "m.c", 9), m10 = frame(frames, "m.c", 10);
	/* Descending, as in tracemalloc.md section 3. */
	uint32_t tracebacks[] = {
		frames_traceback(frames, (uint32_t[]){m10, z}, 2),
		frames_traceback(frames, (uint32_t[]){m9, z}, 2),
		frames_traceback(frames, (uint32_t[]){a, z}, 2),
		frames_traceback(frames, &z, 1),
		frames_traceback(frames, (uint32_t[]){z, a}, 2),
	};

	for (size_t i = 0; i < 5; i++)
		for (size_t j = 0; j < 5; j++) {
			int order = frames_traceback_compare(frames, tracebacks[i], tracebacks[j]);

			CHECK_EQ((order > 0) - (order < 0), (i < j) - (i > j));
		}
	frames_free(frames);
}

TEST(tracebacks_that_differ_in_functions_alone_have_one_place)
{
	struct frames *frames = frames_new();
	uint32_t f = named(frames, "a.c", 1, "f"), g = named(frames, "a.c", 1, "g"),
		 b = frame(frames, "b.c", 2);
	uint32_t x = frames_traceback(frames, (uint32_t[]){f, b}, 2),
		 y = frames_traceback(frames, (uint32_t[]){g, b}, 2);
	size_t n;

	CHECK(x != y);
	CHECK_EQ(frames_traceback_place(frames, x), frames_traceback_place(frames, y));
	CHECK_EQ(frames_traceback_compare(frames, x, y), 0);
	CHECK_EQ(frames_traceback_get(frames, y, &n)[0], g);
	CHECK_EQ(n, 2);
	CHECK_EQ(frames_traceback(frames, (uint32_t[]){g, b}, 2), y);
	frames_free(frames);
}
