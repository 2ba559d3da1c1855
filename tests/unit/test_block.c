// SPDX-License-Identifier: MIT
#include "analyzer/block.h"

#include "tests/test.h"

#define ALLOC(kept, pushed) event_head(EVENT_ALLOC, 0, kept, pushed)

static struct block_sums sum(const uint64_t *words, size_t n)
{
	return block_sum(words, n, false, UINT64_MAX);
}

TEST(a_block_is_summed_up)
{
	const uint64_t words[] = {EVENT_TIME, 500,	   ALLOC(0, 1), 0x100,	    24,
				  0x11,	      EVENT_FREE,  0x100,	EVENT_UNDO, EVENT_FREE,
				  0x100,      EVENT_CLEAR, EVENT_MARK,	1};
	struct block_sums sums = sum(words, sizeof words / sizeof *words);

	CHECK_EQ(sums.n_words, sizeof words / sizeof *words);
	CHECK_EQ(sums.records, 7);
	CHECK_EQ(sums.events, 5);
	CHECK_EQ(sums.allocations, 1);
	CHECK_EQ(sums.frees, 1);
	CHECK_EQ(sums.size, 24);
	CHECK_EQ(sums.time_ns, 500);
	CHECK_EQ(sums.last_stamp, 0);
	CHECK(!sums.bad);
}

TEST(an_empty_block_has_nothing_bad)
{
	struct block_sums sums = sum(NULL, 0);

	CHECK_EQ(sums.records, 0);
	CHECK(!sums.bad);
}

TEST(a_block_ends_before_what_is_no_event)
{
	const uint64_t words[] = {ALLOC(0, 2), 0x100, 8, 0x11, 0x22, ALLOC(2, 1), 0x200, 8, 0x33};

	CHECK_EQ(sum(words, 9).records, 2);
	for (size_t cut = 6; cut < 9; cut++) {
		struct block_sums sums = sum(words, cut);

		CHECK_EQ(sums.n_words, 5);
		CHECK(sums.bad);
	}
	CHECK(!sum(words, 5).bad);
}

TEST(a_stack_keeps_no_more_than_there_is)
{
	const uint64_t words[] = {ALLOC(0, 1), 0x100,	      8, 0x11,	      ALLOC(2, 0), 0x200,
				  8,	       EVENT_MODULES, 1, ALLOC(1, 0), 0x300,	   8};

	CHECK_EQ(sum(words, 7).records, 1);
	CHECK(sum(words, 7).bad);
	/* Modules empty the stack before. */
	CHECK_EQ(block_sum(words + 7, 5, false, UINT64_MAX).records, 1);
	CHECK(block_sum(words + 7, 5, false, UINT64_MAX).bad);
}

TEST(events_after_the_moment_do_not_count)
{
	const uint64_t words[] = {EVENT_FREE, 0x1, EVENT_CLOCK_ON, 10,	EVENT_FREE,
				  0x2,	      11,  EVENT_FREE,	   0x3, 12};
	struct block_sums sums = block_sum(words, 10, false, 11);

	CHECK_EQ(sums.n_words, 7);
	CHECK_EQ(sums.records, 3);
	CHECK_EQ(sums.first_stamp, 10);
	CHECK_EQ(sums.last_stamp, 11);
	CHECK(!sums.bad);
	CHECK_EQ(block_sum(words, 10, false, 9).n_words, 2);
	CHECK_EQ(block_sum(words, 10, false, UINT64_MAX).n_words, 10);
}
