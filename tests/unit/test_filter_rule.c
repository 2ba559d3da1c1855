// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "analyzer/filter.h"
#include "tests/test.h"

TEST(a_rule_of_a_pattern_alone_is_of_any_line_any_domain_and_the_first_frame)
{
	struct filter filter;

	CHECK_STR(filter_parse(&filter, "exclude,pattern=a.c"), NULL);
	CHECK(!filter.inclusive);
	CHECK(!filter.domain_only);
	CHECK(filter.any_line);
	CHECK(filter.any_domain);
	CHECK(!filter.all_frames);
	CHECK_STR(filter.pattern, "a.c");
	filter_release(&filter);
}

TEST(a_rule_of_all_parts_has_them_in_any_order)
{
	static const char *const rules[] = {
		"include,lineno=0,all-frames,domain=4294967295,pattern=*",
		"include,domain=4294967295,lineno=0,all-frames,pattern=*",
	};
	struct filter filter;

	for (size_t i = 0; i < 2; i++) {
		CHECK_STR(filter_parse(&filter, rules[i]), NULL);
		CHECK(filter.inclusive);
		CHECK(!filter.any_line);
		CHECK_EQ(filter.line, 0);
		CHECK(!filter.any_domain);
		CHECK_EQ(filter.domain, UINT32_MAX);
		CHECK(filter.all_frames);
		filter_release(&filter);
	}
}

TEST(a_domain_rule_is_a_polarity_and_a_domain)
{
	struct filter filter;

	CHECK_STR(filter_parse_domain(&filter, "exclude,4294967295"), NULL);
	CHECK(filter.domain_only);
	CHECK(!filter.inclusive);
	CHECK_EQ(filter.domain, UINT32_MAX);
	filter_release(&filter);
}

TEST(a_part_that_stands_twice_is_refused)
{
	static const char *const rules[] = {
		"include,lineno=1,lineno=2,pattern=a",
		"include,domain=1,domain=1,pattern=a",
		"include,all-frames,all-frames,pattern=a",
	};
	struct filter filter;

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		char *wrong = filter_parse(&filter, rules[i]);

		if (CHECK(wrong))
			CHECK(strstr(wrong, "expected each part once"));
		free(wrong);
	}
}
