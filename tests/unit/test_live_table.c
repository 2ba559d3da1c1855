// SPDX-License-Identifier: MIT
/*
 * The live table without a process, beside plain models of it; by several threads, for TSan.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../test.h"
#include "common/event.h"
#include "preload/live_odd.h"
#include "preload/live_shadow.h"
#include "preload/live_stacks.h"
#include "preload/live_table.h"
#include "preload/process.h"

static size_t current(void)
{
	size_t now, peak;

	CHECK_EQ(live_memory(&now, &peak), 0);
	CHECK(peak >= now);
	return now;
}

static size_t peak(void)
{
	size_t now, most;

	CHECK_EQ(live_memory(&now, &most), 0);
	return most;
}

static void change(struct thread *thread, enum event_kind kind, uint32_t domain, uint64_t address,
		   uint64_t size, unsigned flags)
{
	struct side_event event = {.kind = (uint8_t)kind,
				   .flags = (uint8_t)flags,
				   .domain = domain,
				   .address = address,
				   .size = size};

	live_change(thread, &event, STACK_NONE);
}

static unsigned next(unsigned *random)
{
	*random = *random * 1103515245 + 12345;
	return *random >> 8;
}

#define PAGES 200
#define PAGE 4096u

struct model {
	uint8_t state[PAGES], before[PAGES];
};

static size_t model_size(const struct model *model)
{
	size_t used = 0;

	for (unsigned i = 0; i < PAGES; i++)
		used += model->state[i] == RANGE_USED;
	return used * PAGE;
}

static void model_step(struct model *model, struct thread *thread, unsigned *random)
{
	unsigned first = next(random) % PAGES, n = 1 + next(random) % (PAGES - first);
	uint64_t address = 0x10000000 + first * PAGE, size = n * PAGE;
	unsigned what = next(random) % 6;

	if (what != 5)
		memcpy(model->before, model->state, PAGES);
	for (unsigned i = first; i < first + n; i++) {
		uint8_t *state = &model->state[i];

		if (what == 0)
			*state = RANGE_USED;
		else if (what == 1)
			*state = RANGE_RESERVED;
		else if (what == 2 || what == 5)
			*state = RANGE_NONE;
		else if (*state)
			*state = what == 3 ? RANGE_USED : RANGE_RESERVED;
	}
	switch (what) {
	case 0:
	case 1:
		change(thread, EVENT_TRACK, 1, address, size, what ? EVENT_RESERVED : 0);
		break;
	case 3:
		change(thread, EVENT_TRACK, 1, address, size, EVENT_COMMIT);
		break;
	case 4:
		change(thread, EVENT_UNMAP, 1, address, size, EVENT_RESERVED);
		break;
	default:
		change(thread, EVENT_UNMAP, 1, address, size, 0);
	}
}

TEST(mappings_are_as_a_model_of_their_pages)
{
	static struct thread thread;
	struct model model = {.state = {0}};
	unsigned random = 1;
	bool good = true;

	live_start();
	live_stop(true);
	for (unsigned i = 0; i < 20000 && good; i++) {
		model_step(&model, &thread, &random);
		good = CHECK_EQ(current(), model_size(&model));
	}
	change(&thread, EVENT_UNMAP, 1, 0, UINT64_MAX, 0);
	CHECK_EQ(current(), 0);
	live_stop(true);
}

TEST(an_unmapping_that_is_undone_was_none)
{
	static struct thread thread;
	size_t before, most;

	live_stop(true);
	change(&thread, EVENT_TRACK, 1, 10 * PAGE, 5 * PAGE, 0);
	change(&thread, EVENT_TRACK, 1, 20 * PAGE, 5 * PAGE, EVENT_RESERVED);
	change(&thread, EVENT_TRACK, 1, 25 * PAGE, 5 * PAGE, 0);
	before = current();
	most = peak();
	CHECK_EQ(before, 10 * PAGE);
	change(&thread, EVENT_UNMAP, 1, 12 * PAGE, 15 * PAGE, 0);
	CHECK_EQ(current(), 5 * PAGE);
	change(&thread, EVENT_UNDO, 0, 0, 0, 0);
	CHECK_EQ(current(), before);
	CHECK_EQ(peak(), most);
	change(&thread, EVENT_UNDO, 0, 0, 0, 0);
	CHECK_EQ(current(), before);
	change(&thread, EVENT_TRACK, 1, 20 * PAGE, 5 * PAGE, EVENT_COMMIT);
	CHECK_EQ(current(), before + 5 * PAGE);
	change(&thread, EVENT_UNMAP, 1, 10 * PAGE, PAGE, 0);
	change(&thread, EVENT_CLEAR, 0, 0, 0, 0);
	change(&thread, EVENT_UNDO, 0, 0, 0, 0);
	CHECK_EQ(current(), 0);
	live_stop(true);
}

TEST(a_free_that_is_undone_was_none)
{
	static struct thread thread;
	unsigned n = 7;

	live_stop(true);
	change(&thread, EVENT_ALLOC, 0, 4096, 100, 0);
	change(&thread, EVENT_ALLOC, 0, 4099, (uint64_t)5 << 32, 0);
	for (uint64_t address = 4096; address <= 4099; address += 3) {
		size_t before = current();

		change(&thread, EVENT_FREE, 0, address, 0, 0);
		CHECK_EQ(live_find(address, NULL, 0, &n), -ENOENT);
		change(&thread, EVENT_UNDO, 0, 0, 0, 0);
		CHECK_EQ(live_find(address, NULL, 0, &n), 0);
		CHECK_EQ(n, 0);
		CHECK_EQ(current(), before);
	}
	change(&thread, EVENT_FREE, 0, 64, 0, 0); /* of an unknown block */
	change(&thread, EVENT_UNDO, 0, 0, 0, 0);
	CHECK_EQ(current(), 100 + ((size_t)5 << 32));
	live_stop(true);
}

TEST(odd_blocks_come_and_go_as_in_a_plain_array)
{
	static uint32_t sizes[4096];
	unsigned random = 5, n = 0;
	bool good = true;

	odd_clear();
	for (unsigned i = 0; i < 200000 && good; i++) {
		unsigned which = next(&random) % 4096;
		struct odd_block block = {.address = which * 7919ull,
					  .domain = which % 3,
					  .size = 1 + next(&random),
					  .stack = STACK_NONE};

		good = CHECK_EQ(odd_look(block.domain, block.address).size, sizes[which]);
		n += sizes[which] ? -1u : 1;
		if (sizes[which])
			good = good &&
			       CHECK_EQ(odd_take(block.domain, block.address).size, sizes[which]);
		else
			good = good && CHECK(odd_add(block));
		sizes[which] = sizes[which] ? 0 : (uint32_t)block.size;
		good = good && CHECK_EQ(odd_count(), n);
	}
	odd_clear();
	CHECK_EQ(odd_count(), 0);
	CHECK_EQ(odd_look(1, 7919).stack, 0);
}

TEST(the_shadow_has_a_place_for_every_sixteenth_address)
{
	static const uint64_t addresses[] = {
		0, 16, 1ull << 22, (1ull << 22) - 16, 1ull << 34, 1ull << 46, (1ull << 47) - 16};
	uint64_t old;

	CHECK(!shadow_fits(8, 1));
	CHECK(!shadow_fits(1ull << 47, 1));
	CHECK(!shadow_fits(0, 1ull << 32));
	for (unsigned i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		CHECK(shadow_fits(addresses[i], UINT32_MAX));
		CHECK(shadow_exchange(i % 2, addresses[i], shadow_word(UINT32_MAX, i + 1), &old));
		CHECK_EQ(old, 0);
	}
	for (unsigned i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		CHECK_EQ(shadow_word_stack(shadow_look(i % 2, addresses[i])), i + 1);
		CHECK_EQ(shadow_look((i + 1) % 2, addresses[i]), 0);
	}
	CHECK_EQ(shadow_sum(), 7ull * UINT32_MAX);
	CHECK_EQ(shadow_clear(), 7ull * UINT32_MAX);
	CHECK_EQ(shadow_sum(), 0);
}

#define DEPTH 6
static uint32_t numbers[4][1 << DEPTH];

/* All stacks of two addresses, in an order of the thread's own. */
static void *number_stacks(void *argument)
{
	struct last_stack last = {0};
	unsigned thread = (unsigned)(uintptr_t)argument;

	for (unsigned i = 0; i < 1 << DEPTH; i++) {
		unsigned which = (i * (2 * thread + 1)) % (1 << DEPTH);
		uint64_t addresses[DEPTH];

		for (unsigned frame = 0; frame < DEPTH; frame++)
			addresses[frame] = 0x5000 + frame + (which >> frame & 1) * 0x100;
		numbers[thread][which] = stacks_number(&last, addresses,
						       (struct unwound){.kept = 0, .depth = DEPTH});
	}
	return NULL;
}

TEST(the_same_stack_has_the_same_number_in_every_thread)
{
	pthread_t threads[4];

	for (uintptr_t i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, number_stacks, (void *)i);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < 1 << DEPTH; i++) {
		uintptr_t frames[DEPTH];

		for (unsigned thread = 1; thread < 4; thread++)
			CHECK_EQ(numbers[thread][i], numbers[0][i]);
		CHECK_EQ(stacks_frames(numbers[0][i], frames, DEPTH), DEPTH);
		for (unsigned frame = 0; frame < DEPTH; frame++)
			CHECK_EQ(frames[DEPTH - 1 - frame],
				 0x5000 + frame + (i >> frame & 1) * 0x100);
		for (unsigned before = 0; before < i; before++)
			CHECK(numbers[0][before] != numbers[0][i]);
	}
}

TEST(a_stack_goes_on_from_what_it_shares_with_the_last_one)
{
	static uint64_t addresses[5000];
	static uintptr_t frames[5000];
	struct last_stack last = {0};
	uint32_t number;

	for (unsigned i = 0; i < 5000; i++)
		addresses[i] = 0x900000 + i;
	number = stacks_number(&last, addresses, (struct unwound){.depth = 3000});
	CHECK_EQ(stacks_frames(number, frames, 1), 3000);
	CHECK_EQ(frames[0], 0x900000 + 2999);
	number = stacks_number(&last, addresses, (struct unwound){.kept = 3000, .depth = 5000});
	CHECK_EQ(stacks_frames(number, frames, 5000), 5000);
	CHECK_EQ(frames[0], 0x900000 + 4999);
	CHECK_EQ(frames[4999], 0x900000);
	addresses[10] = 1;
	number = stacks_number(&last, addresses, (struct unwound){.kept = 10, .depth = 11});
	CHECK_EQ(stacks_frames(number, frames, 5000), 11);
	CHECK_EQ(frames[0], 1);
	CHECK_EQ(frames[1], 0x900000 + 9);
	CHECK_EQ(stacks_frames(STACK_NONE, frames, 5000), 0);
}

/* Threads hand blocks to each other, as an allocator would: an address is one thread's at a time. */
#define PLACES 512
static struct thread parts[4];
static uint64_t places[PLACES]; /* addresses, 0: in a thread's hands */
static bool clears_too;

static void *hand_over(void *argument)
{
	struct thread *self = argument;
	unsigned random = (unsigned)(self - parts) + 1;
	uint64_t mine = 0x7000000 + (uint64_t)(self - parts) * 16 + 8 * ((self - parts) % 2);

	for (unsigned i = 0; i < 20000; i++) {
		change(self, EVENT_ALLOC, 0, mine, next(&random) % 1000, 0);
		if (i % 64 == 0)
			change(self, EVENT_TRACK, 5, mine, 10, 0);
		if (i % 64 == 32)
			change(self, EVENT_UNTRACK, 5, mine, 0, 0);
		if (i % 100 == 0)
			change(self, EVENT_TRACK, 1, mine / 8 * PAGE, PAGE, 0);
		if (clears_too && i % 2000 == 0)
			change(self, EVENT_CLEAR, 0, 0, 0, 0);
		mine = __atomic_exchange_n(&places[next(&random) % PLACES], mine, __ATOMIC_ACQ_REL);
		change(self, EVENT_FREE, 0, mine, 0, 0);
		if (i % 1000 == 7) {
			change(self, EVENT_UNDO, 0, 0, 0, 0);
			change(self, EVENT_FREE, 0, mine, 0, 0);
		}
		if (i % 256 == 0)
			(void)current();
	}
	change(self, EVENT_UNMAP, 1, 0x100000, UINT64_MAX / 2, 0);
	return NULL;
}

static void storm(void)
{
	pthread_t threads[4];

	live_start();
	live_stop(true);
	for (uint64_t i = 0; i < PLACES; i++)
		places[i] = 0x6000000 + i * 8;
	for (unsigned i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, hand_over, &parts[i]);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

TEST(what_threads_hand_to_each_other_adds_up)
{
	clears_too = false;
	storm();
	CHECK_EQ(current(), shadow_sum() + odd_sum() + ranges_sum());
	CHECK(current() > 0);
	change(parts, EVENT_CLEAR, 0, 0, 0, 0);
	CHECK_EQ(current(), 0);
	CHECK_EQ(peak(), 0);
}

TEST(clears_among_it_leave_nothing_behind)
{
	clears_too = true;
	storm();
	CHECK_EQ(current(), shadow_sum() + odd_sum() + ranges_sum());
	live_stop(false);
	CHECK_EQ(current(), 0);
	CHECK_EQ(peak(), 0);
	CHECK_EQ(shadow_sum() + odd_sum() + ranges_sum(), 0);
}

TEST(the_peak_is_that_of_the_order_of_all_changes)
{
	static struct thread thread;

	live_stop(true);
	change(&thread, EVENT_ALLOC, 0, 160, 100, 0);
	change(&thread, EVENT_ALLOC, 0, 320, 50, 0);
	change(&thread, EVENT_FREE, 0, 160, 0, 0);
	CHECK_EQ(current(), 50);
	CHECK_EQ(peak(), 150);
	change(&thread, EVENT_RESET_PEAK, 0, 0, 0, 0);
	CHECK_EQ(peak(), 50);
	change(&thread, EVENT_ALLOC, 0, 320, 10, 0); /* its free was missed: the same block anew */
	CHECK_EQ(current(), 10);
	CHECK_EQ(peak(), 50);
	live_stop(true);
	CHECK_EQ(peak(), 0);
}

TEST(a_child_of_a_moment_of_change_counts_anew_and_is_sure_again)
{
	static struct thread gone; /* the child does not have it */
	struct thread *late = thread_late;
	bool wanted = recording.wanted;

	live_start();
	change(&gone, EVENT_ALLOC, 0, 0x1000, 32, 0);
	gone.live->changing = 1;
	thread_late = &gone;
	recording.wanted = true;
	epoch->live_counted = 0;
	live_forked();
	CHECK_EQ(current(), 32);
	live_stop(true);
	live_start();
	CHECK_EQ(current(), 0);
	thread_late = late;
	recording.wanted = wanted;
}

TEST(a_child_of_a_program_that_was_just_stopping_starts_with_an_empty_table)
{
	static struct thread thread;

	live_start();
	change(&thread, EVENT_ALLOC, 0, 0x1000, 32, 0);
	recording.wanted = false; /* first of all, at a stop */
	epoch->live_counted = 0;
	live_forked();
	live_start();
	CHECK_EQ(current(), 0);
}
