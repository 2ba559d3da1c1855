// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/symbol_cache.h"
#include "common/hash.h"

static const char mangled[] = "_ZN1a3addEi", readable[] = "a::add(int)";

static const struct symbol chain[] = {
	{.function = mangled, .linkage = mangled, .file = "/src/a.h", .line = 7, .inlined = true},
	{.function = "middle", .file = "/src/b.c", .line = 0, .inlined = true},
	{.function = "outer", .linkage = "outer@@V1", .file = "/src/b.c", .line = UINT32_MAX},
};
static const struct symbol bare = {.function = "start"}, nothing = {0};

/* What one command leaves for the next. */
static void *make(size_t *size)
{
	struct symbol_cache *c = symbol_cache_from(NULL, 0, "key");
	struct name_map names = {0};

	symbol_cache_add(c, 0x3000, chain, 3);
	symbol_cache_add(c, 0x1000, &bare, 1);
	symbol_cache_add(c, UINT64_MAX, &nothing, 1);
	symbol_cache_add(c, 0x2000, chain + 1, 2);
	CHECK_EQ(symbol_cache_added(c), 4);
	void *bytes = symbol_cache_bytes(c, &names, size);

	name_map_release(&names);
	symbol_cache_free(c);
	return bytes;
}

static void check_frame(const struct symbol *a, const struct symbol *b, const char *function)
{
	CHECK_STR(a->function, function);
	CHECK_STR(a->linkage, b->linkage);
	CHECK_STR(a->file, b->file);
	CHECK_EQ(a->line, b->line);
	CHECK_EQ(a->inlined, b->inlined);
}

static void check_answer(const struct symbol_cache *c, uint64_t address,
			 const struct symbol *frames, size_t n)
{
	for (int plain = 0; plain < 2; plain++) {
		struct symbol *found;

		if (CHECK_EQ(symbol_cache_find(c, address, !plain, &found), n))
			for (size_t i = 0; i < n; i++)
				check_frame(&found[i], &frames[i],
					    frames[i].function == mangled && !plain
						    ? readable
						    : frames[i].function);
		free(found);
	}
}

static void check_answers(const struct symbol_cache *c)
{
	struct symbol *found;

	CHECK(symbol_cache_is_filled(c));
	check_answer(c, 0x3000, chain, 3);
	check_answer(c, 0x1000, &bare, 1);
	check_answer(c, UINT64_MAX, &nothing, 1);
	check_answer(c, 0x2000, chain + 1, 2);
	CHECK_EQ(symbol_cache_find(c, 0x2001, true, &found), 0);
	CHECK(found == NULL);
}

TEST(answers_come_back_with_names_as_they_are_and_readable)
{
	size_t size;
	void *bytes = make(&size);
	struct symbol_cache *c = symbol_cache_from(bytes, size, "key");

	check_answers(c);
	symbol_cache_free(c);
}

TEST(an_empty_cache_knows_nothing)
{
	struct symbol_cache *c = symbol_cache_from(NULL, 0, "key");
	struct symbol *found;

	CHECK(!symbol_cache_is_filled(c));
	CHECK_EQ(symbol_cache_find(c, 0, true, &found), 0);
	CHECK_EQ(symbol_cache_added(c), 0);
	symbol_cache_free(c);
}

TEST(another_key_has_no_answers)
{
	size_t size;
	void *bytes = make(&size);
	struct symbol_cache *c = symbol_cache_from(bytes, size, "kez");

	CHECK(!symbol_cache_is_filled(c));
	symbol_cache_free(c);
}

TEST(new_answers_are_written_with_the_old_ones_and_no_string_twice)
{
	size_t size, again, more;
	void *bytes = make(&size);
	struct symbol_cache *c = symbol_cache_from(bytes, size, "key");
	struct name_map names = {0};
	char function[] = "outer", file[] = "/src/b.c"; /* elsewhere in memory */
	struct symbol known = {.function = function, .file = file, .line = 9}, *found;

	bytes = symbol_cache_bytes(c, &names, &again);
	CHECK_EQ(again, size);
	symbol_cache_free(c);
	c = symbol_cache_from(bytes, again, "key");
	symbol_cache_add(c, 0x10, &known, 1);
	bytes = symbol_cache_bytes(c, &names, &more);
	CHECK_EQ(more, size + 12 + 20); /* an address and a node */
	symbol_cache_free(c);
	c = symbol_cache_from(bytes, more, "key");
	check_answers(c);
	check_answer(c, 0x10, &known, 1);
	CHECK_EQ(symbol_cache_find(c, 0x11, true, &found), 0);
	symbol_cache_free(c);
	name_map_release(&names);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

/* Answers that were found in the file at PATH, as it was, and in the one at ABSENT, which was not. */
static struct symbol_cache *open_with_files(const struct file_identity *was, const char *path,
					    const char *absent)
{
	struct symbol_cache *c = symbol_cache_from(NULL, 0, "key");
	struct file_identity none = {0};
	struct name_map names = {0};
	size_t size;

	symbol_cache_add(c, 1, &bare, 1);
	symbol_cache_add_file(c, path, was);
	symbol_cache_add_file(c, path, was);
	symbol_cache_add_file(c, absent, &none);
	void *bytes = symbol_cache_bytes(c, &names, &size);

	symbol_cache_free(c);
	name_map_release(&names);
	return symbol_cache_from(bytes, size, "key");
}

static bool holds(const struct file_identity *was, const char *path, const char *absent)
{
	struct symbol_cache *c = open_with_files(was, path, absent);
	bool has = symbol_cache_is_filled(c);

	symbol_cache_free(c);
	return has;
}

TEST(answers_count_only_while_every_file_is_the_same_or_still_missing)
{
	char path[200], absent[200];
	struct file_identity was;

	strcpy(path, test_path("a"));
	strcpy(absent, test_path("b"));
	write_file(path, "one");
	was = file_identity_of_path(path);
	CHECK(holds(&was, path, absent));
	write_file(absent, "two");
	CHECK(!holds(&was, path, absent));
	remove(absent);
	CHECK(holds(&was, path, absent));
	write_file(path, "three"); /* another size */
	CHECK(!holds(&was, path, absent));
	remove(path);
	CHECK(!holds(&was, path, absent));
}

TEST(any_number_of_answers_and_files_fit)
{
	enum { N = 3000 };
	static char text[N][3][16];
	struct symbol_cache *c = symbol_cache_from(NULL, 0, "key");
	struct file_identity none = {0};
	struct name_map names = {0};
	size_t size;

	for (size_t i = 0; i < N; i++) {
		snprintf(text[i][0], sizeof text[i][0], "/none/%zu", i);
		snprintf(text[i][1], sizeof text[i][1], "f%zu", i);
		snprintf(text[i][2], sizeof text[i][2], "%zu.c", i / 7);
		symbol_cache_add_file(c, text[i][0], &none);
		symbol_cache_add(c, (i * 7919) % N, /* in any order */
				 &(struct symbol){.function = text[i][1], .file = text[i][2]}, 1);
	}
	void *bytes = symbol_cache_bytes(c, &names, &size);

	symbol_cache_free(c);
	c = symbol_cache_from(bytes, size, "key");
	CHECK(symbol_cache_is_filled(c));
	for (size_t i = 0; i < N; i++)
		check_answer(c, (i * 7919) % N,
			     &(struct symbol){.function = text[i][1], .file = text[i][2]}, 1);
	symbol_cache_free(c);
	name_map_release(&names);
}

TEST(answers_of_two_versions_of_a_file_are_never_mixed)
{
	char path[200];
	struct file_identity was, is;
	struct name_map names = {0};
	size_t size;

	strcpy(path, test_path("a"));
	write_file(path, "one");
	was = is = file_identity_of_path(path);
	is.changed_ns++;
	struct symbol_cache *c = open_with_files(&was, path, test_path("b"));

	symbol_cache_add(c, 2, &bare, 1);
	symbol_cache_add_file(c, path, &is);
	CHECK(symbol_cache_bytes(c, &names, &size) == NULL);
	symbol_cache_free(c);
	name_map_release(&names);
}

static void ask_all(const struct symbol_cache *c)
{
	static const uint64_t addresses[] = {0, 0x1000, 0x2000, 0x3000, UINT64_MAX};

	for (size_t i = 0; i < 10; i++) {
		struct symbol *found;
		size_t n = symbol_cache_find(c, addresses[i / 2], i % 2, &found);

		for (size_t at = 0; at < n; at++)
			CHECK(!found[at].function || strlen(found[at].function) < 100);
		free(found);
	}
}

/* Opens the damaged bytes; with a checksum that fits when FORGED. */
static bool open_damaged(const uint8_t *bytes, size_t size, bool forged)
{
	uint8_t *copy = malloc(size + !size);
	uint32_t checksum;
	struct name_map names = {0};
	size_t out;

	memcpy(copy, bytes, size);
	if (forged && size >= 12) {
		checksum = hash_checksum(copy + 12, size - 12);
		memcpy(copy + 8, &checksum, sizeof checksum);
	}
	struct symbol_cache *c = symbol_cache_from(copy, size, "key");
	bool has = symbol_cache_is_filled(c);

	ask_all(c);
	free(symbol_cache_bytes(c, &names, &out));
	symbol_cache_free(c);
	name_map_release(&names);
	return has;
}

TEST(a_cache_with_any_bit_flipped_has_no_answers)
{
	size_t size;
	uint8_t *bytes = make(&size);

	for (size_t bit = 0; bit < 8 * size; bit++) {
		bytes[bit / 8] ^= 1 << bit % 8;
		CHECK(!open_damaged(bytes, size, false));
		bytes[bit / 8] ^= 1 << bit % 8;
	}
	CHECK(open_damaged(bytes, size, false));
	free(bytes);
}

TEST(a_cache_cut_anywhere_has_no_answers)
{
	size_t size;
	uint8_t *bytes = make(&size);

	for (size_t to = 0; to < size; to++) {
		CHECK(!open_damaged(bytes, to, false));
		CHECK(!open_damaged(bytes, to, true));
	}
	free(bytes);
}

TEST(a_forged_cache_is_no_danger)
{
	size_t size;
	uint8_t *bytes = make(&size);

	for (size_t bit = 0; bit < 8 * size; bit++) {
		bytes[bit / 8] ^= 1 << bit % 8;
		open_damaged(bytes, size, true);
		bytes[bit / 8] ^= 1 << bit % 8;
	}
	for (size_t at = 0; at + 4 <= size; at += 4) {
		uint32_t was, values[] = {UINT32_MAX, 0x80000000, 0, 1, 5, 200};

		memcpy(&was, bytes + at, 4);
		for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
			memcpy(bytes + at, &values[i], 4);
			open_damaged(bytes, size, true);
		}
		memcpy(bytes + at, &was, 4);
	}
	free(bytes);
}
