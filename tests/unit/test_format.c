// SPDX-License-Identifier: MIT
#include "common/format.h"
#include "tests/test.h"

#include <string.h>

TEST(a_file_header_comes_back)
{
	struct file_header header = {.version = 7, .flags = 3, .identity = 0x1122334455667788},
			   back;
	uint8_t bytes[TMZ_FILE_HEADER_SIZE];

	file_header_put(&header, bytes);
	CHECK_EQ(file_header_get(bytes, &back), FILE_HEADER_OK);
	CHECK_EQ(back.version, 7);
	CHECK_EQ(back.flags, 3);
	CHECK_EQ(back.identity, header.identity);
}

TEST(every_damaged_bit_of_a_file_header_is_seen)
{
	struct file_header header = {.version = TMZ_VERSION}, back;
	uint8_t bytes[TMZ_FILE_HEADER_SIZE];

	file_header_put(&header, bytes);
	for (unsigned bit = 0; bit < 8 * sizeof bytes; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CHECK_EQ(file_header_get(bytes, &back),
			 bit < 64 ? FILE_HEADER_FOREIGN : FILE_HEADER_DAMAGED);
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static const struct chunk_header example = {
	.kind = CHUNK_EVENTS,
	.flags = CHUNK_STAMPED,
	.thread = 3,
	.serial = 9,
	.count = 65536,
	.raw_size = 1 << 20,
	.stored_size = 1 << 17,
	.checksum = 0xdeadbeef,
	.first_stamp = 1ull << 50,
	.last_stamp = (1ull << 50) + 99,
	.time_ns = 12345678901,
};

TEST(a_chunk_header_comes_back)
{
	struct chunk_header back = {0};
	uint8_t bytes[TMZ_CHUNK_HEADER_SIZE];

	chunk_header_put(&example, bytes);
	CHECK(chunk_header_get(bytes, &back));
	CHECK_EQ(back.kind, example.kind);
	CHECK_EQ(back.flags, example.flags);
	CHECK_EQ(back.thread, example.thread);
	CHECK_EQ(back.serial, example.serial);
	CHECK_EQ(back.count, example.count);
	CHECK_EQ(back.raw_size, example.raw_size);
	CHECK_EQ(back.stored_size, example.stored_size);
	CHECK_EQ(back.checksum, example.checksum);
	CHECK_EQ(back.first_stamp, example.first_stamp);
	CHECK_EQ(back.last_stamp, example.last_stamp);
	CHECK_EQ(back.time_ns, example.time_ns);
}

TEST(every_damaged_bit_of_a_chunk_header_is_seen)
{
	struct chunk_header back;
	uint8_t bytes[TMZ_CHUNK_HEADER_SIZE];

	chunk_header_put(&example, bytes);
	for (unsigned bit = 0; bit < 8 * sizeof bytes; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CHECK(!chunk_header_get(bytes, &back));
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

TEST(a_chunk_larger_than_the_bound_is_no_chunk)
{
	struct chunk_header header = example, back;
	uint8_t bytes[TMZ_CHUNK_HEADER_SIZE];

	header.raw_size = TMZ_PAYLOAD_MAX + 1;
	chunk_header_put(&header, bytes);
	CHECK(!chunk_header_get(bytes, &back));
	header = example;
	header.stored_size = UINT32_MAX;
	chunk_header_put(&header, bytes);
	CHECK(!chunk_header_get(bytes, &back));
}

TEST(totals_come_back_and_a_cut_is_seen)
{
	struct closing closing = {1, 2, UINT64_MAX, 4, 5, 6, ENDED_BY_EXEC}, back;
	uint8_t bytes[CLOSING_SIZE_MAX];
	size_t size = closing_put(&closing, bytes);

	CHECK(closing_get(bytes, size, &back));
	CHECK_MEM(&back, &closing, sizeof back);
	for (size_t cut = 0; cut < size; cut++)
		CHECK(!closing_get(bytes, cut, &back));
}
