// SPDX-License-Identifier: MIT
#include "analyzer/statistic.h"
#include "tests/test.h"

TEST(sizes_are_written_as_tracemalloc_does)
{
	static const struct {
		double size;
		const char *text;
	} sizes[] = {
		{0, "0 B"},
		{1, "1 B"},
		{10239, "10239 B"},
		{10240, "10.0 KiB"},
		{102399, "100.0 KiB"},
		{102400, "100 KiB"},
		{1048575, "1024 KiB"},
		{10485759, "10240 KiB"},
		{10485760, "10.0 MiB"},
		{104857599, "100.0 MiB"},
		{104857600, "100 MiB"},
		{10737418239, "10240 MiB"},
		{10737418240, "10.0 GiB"},
		{109951162777599, "100.0 TiB"},
		{109951162777600, "100 TiB"},
		{9223372036854775807.0, "8388608 TiB"},
		{0.5, "0 B"},
		{1.5, "2 B"},
		{2.5, "2 B"},
		{-102400, "-100 KiB"},
	};
	char buffer[SIZE_TEXT_MAX];

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		CHECK_STR(size_text(sizes[i].size, false, buffer), sizes[i].text);
}

TEST(signed_sizes_always_have_a_sign)
{
	char buffer[SIZE_TEXT_MAX];

	CHECK_STR(size_text(0, true, buffer), "+0 B");
	CHECK_STR(size_text(5000, true, buffer), "+5000 B");
	CHECK_STR(size_text(-2048, true, buffer), "-2048 B");
	CHECK_STR(size_text(-10240, true, buffer), "-10.0 KiB");
}
