// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <stdint.h>

#include "analyzer/amount.h"

TEST(sizes_have_three_figures_and_the_next_unit_before_a_fourth)
{
	static const struct {
		uint64_t size;
		const char *text;
	} cases[] = {
		{0, "0 B"},
		{1023, "1023 B"},
		{1024, "1.0 KiB"},
		{1229, "1.2 KiB"},
		{102297, "99.9 KiB"},
		{102400, "100 KiB"},
		{1022976, "999 KiB"},
		{1023488, "1.0 MiB"},
		{19084083, "18.2 MiB"},
		{2061584302, "1.92 GiB"},
		{10737418240, "10.0 GiB"},
		{UINT64_MAX, "16.0 EiB"},
	};
	char text[AMOUNT_MAX];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_STR(amount_size(cases[i].size, false, text), cases[i].text);
	CHECK_STR(amount_size(19084083, true, text), "19,084,083 B");
	CHECK_STR(amount_size(UINT64_MAX, true, text), "18,446,744,073,709,551,615 B");
}

TEST(changes_have_a_sign_but_for_none)
{
	char text[AMOUNT_MAX];

	CHECK_STR(amount_size_change(-25190400, false, text), "-24.0 MiB");
	CHECK_STR(amount_size_change(7, false, text), "+7 B");
	CHECK_STR(amount_size_change(0, false, text), "0 B");
	CHECK_STR(amount_size_change(INT64_MIN, false, text), "-8.00 EiB");
	CHECK_STR(amount_count_change(24031, text), "+24,031");
	CHECK_STR(amount_count_change(-1, text), "-1");
	CHECK_STR(amount_count_change(0, text), "0");
}

TEST(counts_are_grouped_by_three)
{
	char text[AMOUNT_MAX];

	CHECK_STR(amount_count(0, text), "0");
	CHECK_STR(amount_count(999, text), "999");
	CHECK_STR(amount_count(1000, text), "1,000");
	CHECK_STR(amount_count(208911, text), "208,911");
}

TEST(shares_have_one_decimal_and_none_of_nothing)
{
	char text[AMOUNT_MAX];

	CHECK_STR(amount_share(441, 1000, text), "44.1 %");
	CHECK_STR(amount_share(1, 1, text), "100.0 %");
	CHECK_STR(amount_share(0, 0, text), "-");
}

TEST(times_have_three_figures)
{
	char text[AMOUNT_MAX];

	CHECK_STR(amount_time(12400000000, text), "12.4 s");
	CHECK_STR(amount_time(3100000000, text), "3.10 s");
	CHECK_STR(amount_time(340000000, text), "340 ms");
	CHECK_STR(amount_time(999900000, text), "1.00 s");
	CHECK_STR(amount_time(1204000000000, text), "1,204 s");
	CHECK_STR(amount_time(0, text), "0 s");
}
