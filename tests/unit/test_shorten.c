// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/nearest.h"
#include "analyzer/shorten.h"
#include "analyzer/utf8.h"

static const struct terminal ascii; /* "..." */

static bool shortens(char *(*how)(const struct terminal *, const char *, size_t), const char *from,
		     size_t columns, const char *to)
{
	char *text = how(&ascii, from, columns);
	bool ok = CHECK_STR(text, to);

	free(text);
	return ok;
}

TEST(paths_lose_whole_folders_from_the_left)
{
	const char *path = "/usr/include/c++/12/bits/new_allocator.h:137";

	shortens(shorten_path, path, 44, path);
	shortens(shorten_path, path, 43, ".../include/c++/12/bits/new_allocator.h:137");
	shortens(shorten_path, path, 30, ".../bits/new_allocator.h:137");
	shortens(shorten_path, path, 23, ".../new_allocator.h:137");
	shortens(shorten_path, path, 16, "...locator.h:137");
}

TEST(line_numbers_are_never_cut)
{
	shortens(shorten_path, "/a/b.c:123456", 5, "...:123456");
}

TEST(functions_lose_arguments_then_parameters_then_scopes)
{
	const char *name = "std::map<int, std::vector<char> >::insert(std::pair<int, char> const&)";

	shortens(shorten_function, name, 100, name);
	shortens(shorten_function, name, 60, "std::map<...>::insert(std::pair<...> const&)");
	shortens(shorten_function, name, 40, "std::map<...>::insert(...)");
	shortens(shorten_function, name, 20, "...::insert(...)");
	shortens(shorten_function, name, 10, "std::ma...");
}

TEST(brackets_of_operators_are_their_names)
{
	shortens(shorten_function, "operator<<(std::ostream&, Session<int> const&)", 30,
		 "operator<<(...)");
	shortens(shorten_function, "Some::operator()(int, long long, char) const", 30,
		 "Some::operator()(...) const");
	shortens(shorten_function, "(anonymous namespace)::very_long_function(int, int)", 48,
		 "(anonymous namespace)::very_long_function(...)");
}

TEST(brackets_that_do_not_close_are_left_alone)
{
	shortens(shorten_function, "a<b<c(d(e->f", 9, "a<b<c(...");
}

TEST(text_loses_its_end)
{
	shortens(shorten_text, "t->slot = calloc(n, size)", 13, "t->slot =...");
	shortens(shorten_text, "abc", 3, "abc");
}

TEST(near_misses_are_found_and_far_ones_are_not)
{
	struct nearest nearest = nearest_to("stat");

	nearest_try(&nearest, "diff");
	nearest_try(&nearest, "stats");
	CHECK_STR(nearest.best, "stats");
	nearest = nearest_to("xyzzy");
	nearest_try(&nearest, "stats");
	CHECK_STR(nearest.best, NULL);
	nearest = nearest_to("ifno");
	nearest_try(&nearest, "info");
	CHECK_STR(nearest.best, "info");
}

TEST(utf8_is_decoded_as_strictly_as_python_does)
{
	static const struct {
		const char *text;
		size_t n;
		uint32_t code;
	} cases[] = {
		{"a", 1, 'a'},
		{"\xc3\xa4", 2, 0xe4},
		{"\xe2\x82\xac", 3, 0x20ac},
		{"\xf0\x9f\x98\x80", 4, 0x1f600},
		{"\xc0\x80", 0, 0},
		{"\xed\xb3\xbf", 0, 0},
		{"\xf4\x90\x80\x80", 0, 0},
		{"\xe2\x82", 0, 0},
		{"\x80", 0, 0},
		{"\xff", 0, 0},
		{"\xe0\x9f\xbf", 0, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t code = 0;
		size_t n = utf8_decode(cases[i].text, strlen(cases[i].text), &code);

		CHECK_EQ(n, cases[i].n);
		if (n)
			CHECK_EQ(code, cases[i].code);
	}
	CHECK_EQ(utf8_decode("", 0, &(uint32_t){0}), 0);
}
