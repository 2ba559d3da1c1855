// SPDX-License-Identifier: MIT
#include "analyzer/filter.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/die.h"
#include "tests/test.h"
#include "tests/unit/made_snapshot.h"

/*
 * Filters LINES (each of its own size) by rules that are separated by spaces; the sizes that stay.
 */
static char *kept(const char *lines, const char *rules)
{
	struct frames *frames = frames_new();
	struct snapshot *snapshot = made_snapshot(frames, lines);
	struct filter filters[8];
	size_t n = 0, size;
	char *copy = xstrdup(rules), *rest = copy, *rule, *text;
	FILE *out = open_memstream(&text, &size);

	while ((rule = strsep(&rest, " ")))
		if (*rule) {
			char *wrong = strchr(rule, '=') ? filter_parse(&filters[n], rule)
							: filter_parse_domain(&filters[n], rule);

			CHECK_STR(wrong, NULL);
			free(wrong);
			n++;
		}
	filter_traces(snapshot, filters, n);
	for (size_t i = 0; i < snapshot->n_traces; i++)
		fprintf(out, "%s%llu", i ? " " : "", (unsigned long long)snapshot->traces[i].size);
	fclose(out);
	for (size_t i = 0; i < n; i++)
		filter_release(&filters[i]);
	free(copy);
	snapshot_free(snapshot);
	frames_free(frames);
	return text;
}

static void check_kept(const char *lines, const char *rules, const char *wanted)
{
	char *text = kept(lines, rules);

	CHECK_STR(text, wanted);
	free(text);
}

#define FOUR "0 1 a.c:1\n1 2 a.c:1\n0 3 b.c:1\n1 4 b.c:1\n"

TEST(no_filters_keep_everything)
{
	check_kept(FOUR, "", "1 2 3 4");
}

TEST(inclusive_filters_are_a_union_and_exclusive_ones_win)
{
	check_kept(FOUR, "include,pattern=a.c include,1", "1 2 4");
	check_kept(FOUR, "include,pattern=a.c exclude,pattern=a.c", "");
	check_kept(FOUR, "exclude,pattern=a.c exclude,pattern=b.c", "");
	check_kept(FOUR, "exclude,pattern=a.c", "3 4");
	check_kept(FOUR, "include,pattern=*.c exclude,1", "1 3");
}

TEST(a_filter_with_a_domain_asks_for_both)
{
	check_kept(FOUR, "include,domain=1,pattern=a.c", "2");
	check_kept(FOUR, "exclude,domain=1,pattern=a.c", "1 3 4");
	check_kept(FOUR, "exclude,domain=0,pattern=*", "2 4");
}

TEST(name_and_line_must_be_of_one_frame)
{
	check_kept("0 1 a.c:1<b.c:2\n0 2 a.c:2<b.c:1\n", "include,lineno=2,all-frames,pattern=b.c",
		   "1");
	check_kept("0 1 a.c:1<b.c:2\n0 2 a.c:2<b.c:1\n", "exclude,lineno=2,all-frames,pattern=b.c",
		   "2");
	check_kept("0 1 a.c:1<b.c:2\n0 2 a.c:2<b.c:1\n", "include,lineno=2,pattern=b.c", "");
	check_kept("0 1 a.c:0\n0 2 a.c:5\n", "include,lineno=0,pattern=a.c", "1");
}

TEST(unknown_is_an_ordinary_name)
{
	check_kept("0 1 <unknown>:0\n0 2 a.c:5\n", "exclude,pattern=<unknown>", "2");
}

TEST(the_pattern_takes_the_rest_and_is_normalised)
{
	struct filter filter;

	CHECK_STR(filter_parse(&filter, "include,lineno=4294967295,pattern=a,lineno=1.pyc"), NULL);
	CHECK_STR(filter.pattern, "a,lineno=1.py");
	CHECK_EQ(filter.line, UINT32_MAX);
	filter_release(&filter);
	filter_release(&filter);
	CHECK_STR(filter_parse(&filter, "exclude,pattern="), NULL);
	CHECK_STR(filter.pattern, "");
	filter_release(&filter);
}

TEST(bad_rules_say_what_was_expected)
{
	static const char *const rules[] = {
		"",
		"foo",
		"include",
		"includes,pattern=x",
		"include,",
		"include,pattern",
		"include,lineno=,pattern=x",
		"include,lineno=-1,pattern=x",
		"include,lineno=4294967296,pattern=x",
		"include,lineno=1x,pattern=x",
		"include,domain=99999999999,pattern=x",
		"include,all-framesx,pattern=x",
		"include,x=1,pattern=x",
		"Include,pattern=x",
		"include;pattern=x",
	};
	static const char *const domain_rules[] = {"",
						   "include",
						   "include,",
						   "include,x",
						   "exclude,4294967296",
						   "exclude,1,2",
						   "exclude,-1",
						   "include 1"};
	struct filter filter;

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		char *wrong = filter_parse(&filter, rules[i]);

		if (CHECK(wrong))
			CHECK(strstr(wrong, "expected"));
		free(wrong);
	}
	for (size_t i = 0; i < sizeof domain_rules / sizeof *domain_rules; i++) {
		char *wrong = filter_parse_domain(&filter, domain_rules[i]);

		if (CHECK(wrong))
			CHECK(strstr(wrong, "expected"));
		free(wrong);
	}
}
