// SPDX-License-Identifier: MIT
#include <string.h>

#include "analyzer/filter.h"
#include "tests/test.h"

struct match {
	const char *pattern, *name;
	bool matches;
};

static void check_all(const struct match *matches, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct match *m = &matches[i];
		bool matched = glob_match(m->pattern, strlen(m->pattern), m->name, strlen(m->name));

		if (!CHECK_EQ(matched, m->matches))
			fprintf(stderr, "    pattern %s, name %s\n", m->pattern, m->name);
	}
}

#define CHECK_ALL(...)                                                                             \
	do {                                                                                       \
		static const struct match matches[] = {__VA_ARGS__};                               \
		check_all(matches, sizeof matches / sizeof *matches);                              \
	} while (0)

TEST(stars_and_question_marks_match_any_character)
{
	CHECK_ALL({"", "", true}, {"", "a", false}, {"*", "", true}, {"a*", "a/b/c", true},
		  {"*", ".hidden", true}, {"*\n*", "a\nb", true}, {"a*b*c", "axxbxxbc", true},
		  {"a*b*c", "axxbxxb", false}, {"?", "", false}, {"?", "/", true},
		  {"a?c", "abc", true}, {"**a", "ba", true},
		  {"*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false}, {"A.c", "a.c", false});
}

TEST(a_character_is_a_code_point_or_a_byte_that_is_none)
{
	CHECK_ALL({"?", "é", true}, {"??", "é", false}, {"?", "\xe9", true},
		  {"??", "\xc3\x28", true}, {"[é]", "é", true}, {"[à-ö]", "é", true},
		  {"[!a]", "é", true}, {"[é]", "\xc3", false}, {"\xff*", "\xff.c", true},
		  {"?", "\xf0\x9f\x98\x80", true});
}

TEST(sets_are_those_of_python)
{
	CHECK_ALL({"[x].c", "x.c", true}, {"[x].c", "[x].c", false}, {"[[]x].c", "[x].c", true},
		  {"[a-c]", "b", true}, {"[a-c]", "d", false}, {"[!a-c]", "d", true},
		  {"[!a-c]", "b", false}, {"[^a-c].c", "b.c", true}, {"[^a-c].c", "^.c", true},
		  {"[^a-c].c", "d.c", false}, {"[]a]", "]", true}, {"[]a]", "a", true},
		  {"[!]a]", "]", false}, {"[!]a]", "b", true}, {"[-a]", "-", true},
		  {"[a-]", "-", true}, {"[!-a]", "-", false}, {"[!-a]", "b", true},
		  {"[--a]", ".", true}, {"[a-c--e]", "5", true}, {"[a\\]", "\\", true},
		  {"[[:alpha:]]", "a]", true}, {"[[:alpha:]]", "b]", false},
		  {"[[:alpha:]]", "[]", true});
}

TEST(a_reversed_range_is_empty)
{
	CHECK_ALL({"[z-a]", "m", false}, {"[z-a]", "-", false}, {"[!z-a]", "m", true},
		  {"[z-ab]", "b", true}, {"[z-a-c]", "-", true}, {"[z-a-c]", "c", true},
		  {"[z-a-c]", "b", false}, {"[!z-a]", "\n", true});
}

TEST(an_empty_range_before_an_exclamation_mark_negates_as_in_python)
{
	CHECK_ALL({"[z-a!b]", "b", false}, {"[z-a!b]", "c", true}, {"[z-a!]", "x", true},
		  {"[z-a!-b-d]", "-", false}, {"[z-a!-b-d]", "b", false}, {"[z-a!-b-d]", "c", true},
		  {"[z-a!-b-d]", "d", false});
}

TEST(a_bracket_that_is_not_closed_is_literal)
{
	CHECK_ALL({"[", "[", true}, {"[a", "[a", true}, {"[a", "a", false}, {"[]", "[]", true},
		  {"[!]", "[!]", true}, {"[!", "[!", true}, {"a[b*", "a[bc", true});
}

TEST(there_is_no_escape)
{
	CHECK_ALL({"a\\*b", "a*b", false}, {"a\\*b", "a\\xb", true}, {"[*]", "*", true},
		  {"[*]", "a", false});
}

TEST(pyc_is_taken_as_py_before_matching)
{
	CHECK_ALL({"*.pyc", "a.py", true}, {"*.py", "a.pyc", true}, {"*c", "a.pyc", false},
		  {"a.py?", "a.pyc", false}, {"*.pyo", "a.py", false}, {"*.PYC", "a.py", false},
		  {"a.pyc", "a.pyc", true}, {".pyc", ".py", true}, {"pyc", "py", false});
}
