// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "../test.h"
#include "preload/line.h"

static const char *count_text(uint64_t count)
{
	static struct line line;

	line_clear(&line);
	line_add_count(&line, count);
	return line.text;
}

TEST(line_counts_have_commas_between_thousands)
{
	CHECK_STR(count_text(0), "0");
	CHECK_STR(count_text(999), "999");
	CHECK_STR(count_text(1000), "1,000");
	CHECK_STR(count_text(1020), "1,020");
	CHECK_STR(count_text(7110193), "7,110,193");
	CHECK_STR(count_text(UINT64_MAX), "18,446,744,073,709,551,615");
}

TEST(line_says_when_something_did_not_fit)
{
	struct line line;

	line_clear(&line);
	for (int i = 0; i < 1000; i++)
		line_add(&line, "0123456789");
	CHECK(line.cut);
	CHECK_EQ(line.size, sizeof line.text - 1);
	CHECK_EQ(strlen(line.text), line.size);
}

TEST(line_errors_are_in_words)
{
	struct line line;

	line_clear(&line);
	line_add_error(&line, -ENOSPC);
	line_add(&line, ", ");
	line_add_error(&line, -9999);
	CHECK_STR(line.text, "no space left on device, error 9999");
}
