// SPDX-License-Identifier: MIT
#include "common/bytes.h"
#include "tests/test.h"

static const uint64_t values[] = {
	0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 1ull << 32, UINT64_MAX >> 1, UINT64_MAX};
#define N_VALUES (sizeof values / sizeof *values)

TEST(varints_and_zigzags_come_back)
{
	uint8_t bytes[2 * N_VALUES * VARINT_MAX];
	struct put p = put_into(bytes, sizeof bytes);

	for (size_t i = 0; i < N_VALUES; i++) {
		put_varint(&p, values[i]);
		put_zigzag(&p, (int64_t)values[i]);
	}
	CHECK(!p.bad);
	struct get g = get_from(bytes, (size_t)(p.at - bytes));

	for (size_t i = 0; i < N_VALUES; i++) {
		CHECK_EQ(get_varint(&g), values[i]);
		CHECK_EQ(get_zigzag(&g), (int64_t)values[i]);
	}
	CHECK(!g.bad);
	CHECK_EQ(get_left(&g), 0);
}

TEST(small_negative_numbers_take_one_byte)
{
	uint8_t bytes[4];
	struct put p = put_into(bytes, sizeof bytes);

	put_zigzag(&p, -1);
	put_zigzag(&p, -64);
	CHECK_EQ(p.at - bytes, 2);
}

TEST(a_get_past_the_end_is_bad_and_stays_so)
{
	uint8_t bytes[] = {0x80, 0x80};
	struct get g = get_from(bytes, sizeof bytes);

	CHECK_EQ(get_varint(&g), 0);
	CHECK(g.bad);
	CHECK_EQ(get_fixed(&g, 1), 0);
	g = get_from(bytes, 2);
	CHECK_EQ(get_fixed(&g, 2), 0x8080);
	CHECK_EQ(get_fixed(&g, 1), 0);
	CHECK(g.bad);
}

TEST(a_varint_over_ten_bytes_is_bad)
{
	uint8_t bytes[12];
	struct get g = get_from(bytes, sizeof bytes);

	memset(bytes, 0x80, sizeof bytes);
	CHECK_EQ(get_varint(&g), 0);
	CHECK(g.bad);
}

TEST(a_put_that_does_not_fit_writes_nothing)
{
	uint8_t bytes[3] = {1, 2, 3};
	struct put p = put_into(bytes, 2);

	put_fixed(&p, 0, 3);
	CHECK(p.bad);
	CHECK_EQ(bytes[0], 1);
	put_fixed(&p, 7, 1);
	CHECK_EQ(bytes[0], 1);
}

TEST(a_string_longer_than_what_is_left_is_bad)
{
	uint8_t bytes[8];
	struct put p = put_into(bytes, sizeof bytes);
	size_t size;

	put_string(&p, "abc", 3);
	struct get g = get_from(bytes, 4);

	CHECK_MEM(get_string(&g, &size), "abc", 3);
	CHECK_EQ(size, 3);
	g = get_from(bytes, 3);
	CHECK(!get_string(&g, &size));
	CHECK_EQ(size, 0);
	CHECK(g.bad);
}
