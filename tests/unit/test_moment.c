// SPDX-License-Identifier: MIT
#include "analyzer/moment.h"

#include <string.h>

#include "tests/test.h"

static struct moment parsed(const char *text)
{
	struct moment moment;

	CHECK(moment_parse(text, &moment));
	CHECK_STR(moment.text, text);
	return moment;
}

TEST(words_are_moments)
{
	CHECK_EQ(parsed("end").kind, MOMENT_END);
	CHECK_EQ(parsed("start").kind, MOMENT_START);
	CHECK_EQ(parsed("peak").kind, MOMENT_PEAK);
}

TEST(times_are_exact_to_the_nanosecond)
{
	CHECK_EQ(parsed("12.5s").kind, MOMENT_TIME);
	CHECK_EQ(parsed("12.5s").time_ns, 12500000000);
	CHECK_EQ(parsed("0s").time_ns, 0);
	CHECK_EQ(parsed("0.000000001s").time_ns, 1);
	CHECK_EQ(parsed("0.0000000019s").time_ns, 1);
	CHECK_EQ(parsed("18446744073.709551615s").time_ns, UINT64_MAX);
}

TEST(events_are_numbers)
{
	CHECK_EQ(parsed("event:0").event, 0);
	CHECK_EQ(parsed("event:18446744073709551615").event, UINT64_MAX);
}

TEST(a_mark_is_the_last_of_its_name_unless_numbered)
{
	struct moment moment = parsed("mark:loaded");

	CHECK_EQ(moment.kind, MOMENT_MARK);
	CHECK_EQ(moment.mark_nth, 0);
	CHECK_EQ(moment.mark_size, 6);
	moment = parsed("mark:a#b#2");
	CHECK_EQ(moment.mark_nth, 2);
	CHECK_EQ(moment.mark_size, 3);
	CHECK(memcmp(moment.mark, "a#b", 3) == 0);
	moment = parsed("mark:a#0");
	CHECK_EQ(moment.mark_nth, 0);
	CHECK_EQ(moment.mark_size, 3);
}

TEST(other_texts_are_no_moments)
{
	static const char *const texts[] = {
		"",
		"End",
		"12",
		"12.s",
		".5s",
		"1e3s",
		"-1s",
		"12.5 s",
		"s",
		"event:",
		"event:x",
		"event:-1",
		"event:18446744073709551616",
		"mark:",
		"18446744074s",
		"12.5ss",
		"peak ",
	};
	struct moment moment;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!CHECK(!moment_parse(texts[i], &moment)))
			fprintf(stderr, "    %s\n", texts[i]);
}
