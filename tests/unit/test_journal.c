// SPDX-License-Identifier: MIT
/*
 * The recorder's journal and the blocks in it. Reading it is the business of test_journal_file.c.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/bytes.h"
#include "common/hash.h"
#include "preload/block.h"
#include "preload/journal.h"
#include "tests/test.h"

static const char *trace, *live;
static char trace_path[4096], live_path[4096];

static bool create(void)
{
	strcpy(trace_path, test_path("t.tmz"));
	strcpy(live_path, test_path("t.tmz" JOURNAL_SUFFIX));
	trace = trace_path;
	live = live_path;
	block_forked();
	return journal_create(trace, 0x1234567890abcdef) == 0;
}

static struct block open_block(uint32_t index)
{
	struct block block = {0};

	CHECK(block_open(&block, index));
	block_begin_stream(&block, index + 1, 4711, "sixteen letters.");
	return block;
}

static void put_words(struct block *block, uint32_t n)
{
	uint64_t word = block_committed(block), *at = block->slot->words + block_count(block);

	for (uint32_t i = 0; i < n; i++)
		at[i] = 0xabcd0000 + i;
	block->slot->committed = word + n;
}

static bool read_at(uint64_t offset, void *bytes, size_t size)
{
	int fd = open(live, O_RDONLY);
	ssize_t got = pread(fd, bytes, size, (off_t)offset);

	close(fd);
	return got == (ssize_t)size;
}

static void close_block(struct block *block)
{
	munmap(block->home, JOURNAL_SLOT_SIZE);
}

TEST(a_journal_begins_with_the_identity_of_its_trace)
{
	uint8_t bytes[JOURNAL_HEADER_SIZE];

	if (!create())
		SKIP("this file system takes no journal");
	CHECK(read_at(0, bytes, sizeof bytes));
	struct get g = get_from(bytes, sizeof bytes);

	CHECK_MEM(get_bytes(&g, 8), journal_magic, 8);
	CHECK_EQ(get_fixed(&g, 4), TMZ_VERSION);
	CHECK_EQ(get_fixed(&g, 4), JOURNAL_SLOT_SIZE);
	CHECK_EQ(get_fixed(&g, 8), 0x1234567890abcdef);
	get_fixed(&g, 4);
	CHECK_EQ(get_fixed(&g, 4), hash_checksum(bytes, 28));
	journal_remove();
	CHECK(access(live, F_OK) != 0);
}

TEST(what_is_in_a_block_is_in_the_file_at_once)
{
	uint64_t bytes[sizeof(struct journal_slot) / 8 + 3];
	const struct journal_slot *slot = (const struct journal_slot *)bytes;

	if (!create())
		SKIP("this file system takes no journal");
	struct block block = open_block(2);

	CHECK(block.kept && blocks_are_kept());
	put_words(&block, 3);
	CHECK(read_at(JOURNAL_HEADER_SIZE + 2 * JOURNAL_SLOT_SIZE, bytes, sizeof bytes));
	CHECK_EQ(slot->committed, block_word(0, false, 3));
	CHECK_EQ(slot->magic, JOURNAL_SLOT_MAGIC);
	CHECK_EQ(slot->thread, 3);
	CHECK_EQ(slot->tid, 4711);
	CHECK_MEM(slot->name, "sixteen letters.", 16);
	CHECK_EQ(bytes[sizeof bytes / 8 - 1], 0xabcd0002);
	block_next(&block, true, true);
	CHECK_EQ(block_committed(&block), block_word(1, true, 0));
	journal_remove();
	close_block(&block);
}

TEST(a_block_grows_in_place_up_to_its_share)
{
	if (!create())
		SKIP("this file system takes no journal");
	struct block block = open_block(0), other = open_block(1);
	struct journal_slot *slot = block.slot;
	uint32_t capacity = block.capacity;

	put_words(&block, capacity);
	while (block_grow(&block))
		CHECK(block.capacity > capacity);
	CHECK(block.slot == slot);
	CHECK_EQ((block.capacity * 8 + sizeof *slot) % (64 << 10), 0);
	put_words(&block, block.capacity - capacity);
	CHECK_EQ(block.slot->words[capacity - 1], 0xabcd0000 + capacity - 1);
	journal_remove();
	close_block(&block);
	close_block(&other);
}

TEST(the_only_block_left_a_part_of_the_trace_does_not_grow)
{
	static uint64_t part[100];

	block_forked();
	struct block block = open_block(0);

	block_move(&block, (struct journal_slot *)part, 10);
	CHECK(!block_grow(&block));
	CHECK(!block_stretch(&block, 20));
	CHECK_EQ(block.capacity, 10);
	CHECK_EQ(blocks_size(), 0);
	block_forked();
}

TEST(all_blocks_together_are_bounded)
{
	static struct block blocks[JOURNAL_SLOTS_MAX + 1];
	uint32_t n = 0;

	block_forked();
	memset(blocks, 0, sizeof blocks);
	while (n <= JOURNAL_SLOTS_MAX && block_open(&blocks[n], n))
		n++;
	CHECK_EQ(n, 1024);
	CHECK(!block_grow(&blocks[0]));
	CHECK(!blocks_are_kept());
	for (uint32_t i = 0; i < n; i++)
		close_block(&blocks[i]);
	block_forked();
}

TEST(an_event_too_large_for_a_block_borrows_memory_until_it_is_a_chunk)
{
	block_forked();
	struct block block = open_block(0);
	uint32_t capacity = block.capacity;

	put_words(&block, 1);
	block_next(&block, true, false);
	CHECK(block_borrow(&block, 1 << 20));
	CHECK(block_is_borrowed(&block));
	CHECK_EQ(block_committed(&block), block_word(1, false, 0));
	put_words(&block, 1 << 20);
	CHECK_EQ(block_room(&block), 0);
	CHECK_EQ(block.home->committed, block_word(1, false, 0));
	block_next(&block, true, false);
	CHECK(!block_is_borrowed(&block));
	CHECK_EQ(block_committed(&block), block_word(2, false, 0));
	CHECK_EQ(block.capacity, capacity);
	close_block(&block);
	block_forked();
}

TEST(a_forked_child_shares_nothing_with_the_journal_of_its_parent)
{
	uint64_t word;

	if (!create())
		SKIP("this file system takes no journal");
	struct block block = open_block(0);

	put_words(&block, 5);
	block_detach(&block);
	CHECK_EQ(block.capacity, 0);
	block.home->committed = 77; /* as the hook does that a forking handler interrupted */
	CHECK(read_at(JOURNAL_HEADER_SIZE, &word, sizeof word));
	CHECK_EQ(word, block_word(0, false, 5));
	journal_remove();
	close_block(&block);
	block_forked();
}

TEST(after_a_failed_exec_blocks_move_into_another_journal)
{
	uint64_t word;

	if (!create())
		SKIP("this file system takes no journal");
	struct block block = open_block(0);

	put_words(&block, 5);
	block_next(&block, true, true);
	journal_remove();
	CHECK(!journal_is_open());
	CHECK_EQ(journal_create(trace, 1), 0);
	block_reopen(&block);
	CHECK_EQ(block_committed(&block), block_word(1, true, 0));
	put_words(&block, 2);
	CHECK(read_at(JOURNAL_HEADER_SIZE, &word, sizeof word));
	CHECK_EQ(word, block_word(1, true, 2));
	journal_remove();
	close_block(&block);
	block_forked();
}

TEST(a_journal_that_somebody_else_made_is_left_alone)
{
	strcpy(trace_path, test_path("x.tmz"));
	strcpy(live_path, test_path("x.tmz" JOURNAL_SUFFIX));
	int fd = open(live_path, O_WRONLY | O_CREAT, 0600);

	CHECK_EQ(write(fd, "precious", 8), 8);
	close(fd);
	CHECK(journal_create(trace_path, 1) < 0);
	CHECK(!journal_is_open());
	struct stat status;

	CHECK_EQ(stat(live_path, &status), 0);
	CHECK_EQ(status.st_size, 8);
}

TEST(where_the_file_may_not_grow_a_block_is_private_memory)
{
	struct rlimit limit, small;

	if (!create())
		SKIP("this file system takes no journal");
	getrlimit(RLIMIT_FSIZE, &limit);
	small = (struct rlimit){.rlim_cur = 1 << 20, .rlim_max = limit.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	struct block block = open_block(0);

	setrlimit(RLIMIT_FSIZE, &limit);
	CHECK(!block.kept && !blocks_are_kept());
	put_words(&block, block.capacity);
	journal_remove();
	close_block(&block);
	block_forked();
}
