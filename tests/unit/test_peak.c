// SPDX-License-Identifier: MIT
#include "analyzer/peak.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

#define ADDRESSES 64

/* The sizes of the blocks at the maximum, + 1, by address: computed from the two structures. */
static void blocks_at_peak(const struct peak *peak, const struct heap *heap,
			   uint64_t sizes[ADDRESSES])
{
	size_t slot = 0;

	memset(sizes, 0, ADDRESSES * sizeof *sizes);
	for (const struct heap_block *block; (block = heap_next(heap, &slot));)
		if (peak_knows(peak, block)) {
			CHECK_EQ(sizes[block->address], 0);
			sizes[block->address] = block->size + 1;
		}
	for (size_t i = 0; i < peak->n_dead; i++) {
		CHECK_EQ(sizes[peak->dead[i].address], 0);
		sizes[peak->dead[i].address] = peak->dead[i].size + 1;
	}
}

static void random_walk(uint64_t seed, uint32_t first_epoch)
{
	struct peak peak = {.journal = true, .epoch = first_epoch};
	struct heap heap;
	uint64_t live[ADDRESSES] = {0}, at_peak[ADDRESSES] = {0}, found[ADDRESSES];
	uint64_t largest = 0, event = 0;
	struct heap_block last = {0};
	bool undoable = false;

	heap_init(&heap);
	for (unsigned step = 0; step < 3000; step++) {
		uint64_t random = hash_mix(seed += 0x9e3779b97f4a7c15u),
			 address = random % ADDRESSES;
		struct heap_block *block = heap_find(&heap, 0, address);

		event++;
		if (undoable && random >> 60 == 0 && !heap_find(&heap, 0, last.address)) {
			bool maximum = heap.size + last.size > peak.size;

			if (!peak_restored(&peak, &last))
				last.epoch = peak.epoch;
			block = heap_add(&heap, &last);
			if (maximum)
				peak_added(&peak, &heap, block, event, 0);
			live[last.address] = last.size + 1;
			undoable = false;
		} else if (block) {
			last = *block;
			undoable = true;
			peak_removed(&peak, block);
			heap_remove(&heap, block);
			live[address] = 0;
		} else {
			struct heap_block new = {.address = address, .size = random >> 32 & 7};

			peak_added(&peak, &heap, heap_add(&heap, &new), event, 0);
			live[address] = new.size + 1;
		}
		if (heap.size > largest) {
			largest = heap.size;
			memcpy(at_peak, live, sizeof live);
			CHECK_EQ(peak.event, event);
		}
		CHECK_EQ(peak.size, largest);
	}
	blocks_at_peak(&peak, &heap, found);
	CHECK_MEM(found, at_peak, sizeof found);
	heap_release(&heap);
	peak_release(&peak);
}

TEST(the_blocks_at_the_first_maximum_are_known_at_the_end)
{
	for (uint64_t seed = 0; seed < 200; seed++)
		random_walk(seed, 1);
}

TEST(the_count_of_maxima_may_run_full)
{
	for (uint64_t seed = 0; seed < 50; seed++)
		random_walk(seed, UINT32_MAX - (uint32_t)seed % 10);
}

TEST(the_journal_is_bounded_by_what_lived_at_the_maximum)
{
	struct peak peak = {.journal = true, .epoch = 1};
	struct heap heap;

	heap_init(&heap);
	peak_added(&peak, &heap, heap_add(&heap, &(struct heap_block){.address = 1, .size = 100}),
		   1, 0);
	peak_removed(&peak, heap_find(&heap, 0, 1));
	heap_remove(&heap, heap_find(&heap, 0, 1));
	for (unsigned i = 0; i < 1000; i++) {
		peak_added(&peak, &heap,
			   heap_add(&heap, &(struct heap_block){.address = 2, .size = 50}), 2, 0);
		peak_removed(&peak, heap_find(&heap, 0, 2));
		heap_remove(&heap, heap_find(&heap, 0, 2));
	}
	CHECK_EQ(peak.n_dead, 1);
	heap_release(&heap);
	peak_release(&peak);
}
