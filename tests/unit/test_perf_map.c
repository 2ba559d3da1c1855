// SPDX-License-Identifier: MIT
#include "analyzer/perf_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "common/format.h"
#include "common/hash.h"
#include "tests/test.h"

static struct perf_map map_of(const char *text)
{
	struct perf_map map = {0};

	perf_map_add(&map, 0, text, strlen(text));
	return map;
}

/* The name at ADDRESS, "" for none; valid until the next call. */
static const char *at(struct perf_map *map, uint64_t address)
{
	static char name[256];
	size_t size = 0;
	const char *text = perf_map_find(map, address, &size);

	size = size < sizeof name - 1 ? size : sizeof name - 1;
	if (size)
		memcpy(name, text, size);
	name[text ? size : 0] = '\0';
	return name;
}

TEST(code_has_a_name_from_its_first_byte_to_its_last)
{
	struct perf_map map = map_of("1000 10 first\n7fbdba7e28c0 378 JS:~ /t d/t.js:1:1\n");

	CHECK_STR(at(&map, 0xfff), "");
	CHECK_STR(at(&map, 0x1000), "first");
	CHECK_STR(at(&map, 0x100f), "first");
	CHECK_STR(at(&map, 0x1010), "");
	CHECK_STR(at(&map, 0x7fbdba7e28c0 + 0x377), "JS:~ /t d/t.js:1:1");
	CHECK_EQ(perf_map_lines(&map), 2);
	perf_map_release(&map);
}

TEST(lines_may_have_prefixes_blanks_and_no_end)
{
	struct perf_map map = map_of("0x1000 0X10 hex\r\n  2000\t20   wide  \nABCDEF0 1 upper\n"
				     "3000 10 last");

	CHECK_STR(at(&map, 0x1000), "hex");
	CHECK_STR(at(&map, 0x2000), "wide");
	CHECK_STR(at(&map, 0xabcdef0), "upper");
	CHECK_STR(at(&map, 0x3000), "last");
	perf_map_release(&map);
}

TEST(lines_that_are_none_are_skipped)
{
	struct perf_map map = map_of("\n\n1000\n1000 10\n1000 10 \n1000 10 \r\nx 10 a\n1000 0 a\n"
				     "1000 1g a\n-1 10 a\n11112222333344445 10 a\n100010 a\n"
				     "# comment\n2000 8 good\n");

	CHECK_EQ(perf_map_lines(&map), 1);
	CHECK_STR(at(&map, 0x1000), "");
	CHECK_STR(at(&map, 0x2004), "good");
	perf_map_release(&map);
}

TEST(an_empty_map_names_nothing)
{
	struct perf_map map = {0};

	CHECK_STR(at(&map, 0), "");
	CHECK_EQ(perf_map_lines(&map), 0);
	perf_map_release(&map);
}

TEST(of_lines_that_overlap_the_later_counts)
{
	struct perf_map map = map_of("1000 100 old\n1040 20 hole\n10f0 20 across\n"
				     "2000 10 a\n2000 10 b\n"
				     "3010 10 inner\n3000 40 outer\n");

	CHECK_STR(at(&map, 0x103f), "old");
	CHECK_STR(at(&map, 0x1040), "hole");
	CHECK_STR(at(&map, 0x105f), "hole");
	CHECK_STR(at(&map, 0x1060), "old");
	CHECK_STR(at(&map, 0x10f0), "across");
	CHECK_STR(at(&map, 0x110f), "across");
	CHECK_STR(at(&map, 0x1110), "");
	CHECK_STR(at(&map, 0x2000), "b");
	CHECK_STR(at(&map, 0x3010), "outer");
	perf_map_release(&map);
}

TEST(code_at_the_end_of_the_address_space_is_cut)
{
	struct perf_map map = map_of("ffffffffffffff00 1000 top\n0 ffffffffffffffff low\n");

	CHECK_STR(at(&map, UINT64_MAX - 1), "top");
	CHECK_STR(at(&map, UINT32_MAX - 1), "low");
	perf_map_release(&map);
}

/* Against a search through all lines. */
TEST(random_lines_are_found_as_a_scan_finds_them)
{
	enum { LINES = 300, ADDRESSES = 700 };
	char text[LINES * 32];
	unsigned start[LINES], size[LINES], end = 0;
	uint64_t state = 3;

	for (unsigned round = 0; round < 20; round++) {
		end = 0;
		for (unsigned i = 0; i < LINES; i++) {
			start[i] = (unsigned)(hash_mix(state++) % 600);
			size[i] = 1 + (unsigned)(hash_mix(state++) % (round + 1) * 4);
			end += (unsigned)sprintf(text + end, "%x %x f%u\n", start[i], size[i], i);
		}
		struct perf_map map = map_of(text);

		for (unsigned address = 0; address < ADDRESSES; address++) {
			char want[16] = "";

			for (unsigned i = 0; i < LINES; i++)
				if (address >= start[i] && address < start[i] + size[i])
					sprintf(want, "f%u", i);
			CHECK_STR(at(&map, address), want);
		}
		perf_map_release(&map);
	}
}

TEST(pieces_are_joined_and_a_hole_ends_a_line)
{
	struct perf_map map = {0};

	perf_map_add(&map, 0, "1000 10 fi", 10);
	perf_map_add(&map, 10, "rst\n2000 10 nex", 15);
	perf_map_add(&map, 5000, "t\n3000 10 third\n", 16);
	CHECK_STR(at(&map, 0x1000), "first");
	CHECK_STR(at(&map, 0x2000), "nex");
	CHECK_STR(at(&map, 0x3000), "third");
	perf_map_add(&map, 5016, "3000 10 fourth\n", 15);
	CHECK_STR(at(&map, 0x3000), "fourth");
	CHECK_EQ(perf_map_lines(&map), 4);
	perf_map_release(&map);
}

TEST(a_chunk_says_whether_there_was_more)
{
	struct perf_map map = {0};
	uint8_t payload[64] = {0};
	struct put p = put_into(payload, sizeof payload);

	CHECK(!perf_map_read(&map, payload, 0));
	put_varint(&p, 20);
	put_varint(&p, 0);
	put_bytes(&p, "1000 10 f\n", 10);
	CHECK(perf_map_read(&map, payload, (size_t)(p.at - payload)));
	CHECK(map.cut);
	payload[1] = 10;
	CHECK(perf_map_read(&map, payload, (size_t)(p.at - payload)));
	CHECK(!map.cut);
	CHECK_STR(at(&map, 0x1000), "f");
	perf_map_release(&map);
}

TEST(text_beyond_the_limit_is_left_out)
{
	struct perf_map map = {0};
	size_t size = TMZ_PERF_MAP_MAX / 4 + 5;
	char *text = malloc(size);

	memset(text, 'x', size);
	memcpy(text, "1000 10 f\n", 10);
	for (unsigned i = 0; i < 6; i++)
		perf_map_add(&map, i * 2 * size, text, size);
	CHECK_EQ(map.size, TMZ_PERF_MAP_MAX);
	CHECK(map.cut);
	CHECK_STR(at(&map, 0x1000), "f");
	free(text);
	perf_map_release(&map);
}
