// SPDX-License-Identifier: MIT
#include "analyzer/source_dirs.h"

#include <stdlib.h>

#include "tests/test.h"

/* Where PATH, recorded in /home/me, is by RULES, which end with NULL. */
static char *mapped(const char *const *rules, const char *path)
{
	struct source_dirs dirs = {0};

	for (; *rules; rules++)
		CHECK(source_dirs_add(&dirs, *rules));
	char *result = source_dirs_map(&dirs, path, "/home/me");

	source_dirs_release(&dirs);
	return result;
}

static void check(const char *const *rules, const char *path, const char *wanted)
{
	char *found = mapped(rules, path);

	CHECK_STR(found, wanted);
	free(found);
}

TEST(the_longest_folder_counts_whatever_the_order)
{
	static const char *const rules[] = {"/a=/x", "/a/b/c=/z", "/a/b=/y", NULL};

	check(rules, "/a/f.c", "/x/f.c");
	check(rules, "/a/b/f.c", "/y/f.c");
	check(rules, "/a/b/c/f.c", "/z/f.c");
	check(rules, "/a/b/cd/f.c", "/y/cd/f.c");
}

TEST(a_folder_ends_at_a_border_of_the_path)
{
	static const char *const rules[] = {"/home/me/src=/new", NULL};

	check(rules, "/home/me/src2/f.c", NULL);
	check(rules, "/home/me/src", NULL);
	check(rules, "/home/me/src/", NULL);
	check(rules, "/home/me/src//f.c", "/new/f.c");
}

TEST(slashes_at_the_end_say_nothing)
{
	static const char *const rules[] = {"/a//=/x/", "/b/=./y", NULL};

	check(rules, "/a/f.c", "/x/f.c");
	check(rules, "/b/f.c", "./y/f.c");
}

TEST(the_root_is_a_folder_too)
{
	static const char *const rules[] = {"/=/mnt", NULL};

	check(rules, "/a/f.c", "/mnt/a/f.c");
	check(rules, "f.c", "/mnt/home/me/f.c");
}

TEST(relative_paths_are_under_the_working_directory_and_under_relative_folders)
{
	static const char *const whole[] = {"/home/me=/x", NULL}, *const part[] = {"lib=/y", NULL};
	static const char *const any[] = {".=/z", NULL}, *const dotted[] = {"./lib=/y", NULL};

	check(whole, "lib/f.c", "/x/lib/f.c");
	check(part, "./lib/./f.c", "/y/f.c");
	check(part, "/lib/f.c", NULL);
	check(dotted, "lib/f.c", "/y/f.c");
	check(any, "./lib/f.c", "/z/lib/f.c");
	check(any, "/lib/f.c", NULL);
}

TEST(recorded_paths_are_compared_without_their_detours)
{
	static const char *const rules[] = {"/build/./src=/x", NULL};

	check(rules, "/build/obj/../src/f.c", "/x/f.c");
}

TEST(of_equal_folders_the_last_counts)
{
	static const char *const rules[] = {"/a=/x", "/a/=/y", NULL};

	check(rules, "/a/f.c", "/y/f.c");
}

TEST(a_rule_has_both_sides)
{
	struct source_dirs dirs = {0};

	CHECK(!source_dirs_add(&dirs, "/a"));
	CHECK(!source_dirs_add(&dirs, "=/a"));
	CHECK(!source_dirs_add(&dirs, "/a="));
	CHECK_EQ(dirs.n, 0);
	source_dirs_release(&dirs);
}
