// SPDX-License-Identifier: MIT
#include "analyzer/heap.h"

#include <string.h>

#include "common/event.h"
#include "tests/test.h"

#define KEYS 5000

/* What must be there, by key: size + 1, or 0. */
static uint64_t model[KEYS];

static uint64_t address_of(unsigned key)
{
	return 0x7f0000000000 + (uint64_t)(key / 2) * 16;
}

TEST(a_heap_holds_what_was_added_and_not_removed)
{
	struct heap heap;
	uint64_t state = 1, size = 0;
	size_t n = 0;

	heap_init(&heap);
	memset(model, 0, sizeof model);
	for (unsigned step = 0; step < 200000; step++) {
		unsigned key = (unsigned)(hash_mix(state++) % (step < 100000 ? KEYS : 300));
		uint32_t domain = key % 2;
		struct heap_block *block = heap_find(&heap, domain, address_of(key));

		CHECK(!block == !model[key]);
		if (block) {
			CHECK_EQ(block->size, model[key] - 1);
			size -= block->size;
			heap_remove(&heap, block);
			model[key] = 0;
			n--;
		} else {
			struct heap_block new = {
				.address = address_of(key), .size = step, .domain = domain};

			CHECK_EQ(heap_add(&heap, &new)->size, step);
			model[key] = step + 1ull;
			size += step;
			n++;
		}
	}
	CHECK_EQ(heap.n, n);
	CHECK_EQ(heap.size, size);
	for (unsigned key = 0; key < KEYS; key++)
		CHECK(!heap_find(&heap, key % 2, address_of(key)) == !model[key]);
	size_t slot = 0, found = 0;

	while (heap_next(&heap, &slot))
		found++;
	CHECK_EQ(found, n);
	heap_clear(&heap);
	CHECK_EQ(heap.n, 0);
	CHECK(!heap_find(&heap, 0, address_of(0)));
	heap_release(&heap);
}

TEST(a_flat_heap_takes_all_and_finds_none)
{
	struct heap heap;
	size_t slot = 0, found = 0;

	heap_init_flat(&heap, 0);
	for (uint64_t i = 0; i < 100; i++)
		heap_add(&heap, &(struct heap_block){.address = i, .size = 2});
	CHECK_EQ(heap.n, 100);
	CHECK_EQ(heap.size, 200);
	CHECK(!heap_find(&heap, 0, 5));
	while (heap_next(&heap, &slot))
		found++;
	CHECK_EQ(found, 100);
	heap_release(&heap);
}

/* The groups that a search begins with, of as many blocks as there are groups, STRIDE bytes apart. */
static size_t most_in_a_group(uint64_t stride, size_t *empty)
{
	static uint16_t load[4096];
	struct heap heap = {.mask = HEAP_GROUP * 4096 - 1};
	size_t most = 0;

	memset(load, 0, sizeof load);
	*empty = 0;
	for (uint64_t i = 0; i < 4096 * HEAP_GROUP; i++) {
		size_t slot =
			heap_start(&heap, heap_hash(DOMAIN_HEAP, 0x555555559000 + i * stride));

		load[slot / HEAP_GROUP]++;
	}
	for (size_t i = 0; i < 4096; i++) {
		most = load[i] > most ? load[i] : most;
		*empty += !load[i];
	}
	return most;
}

/* A slip in a mask has had another profiler use two tables of five. */
TEST(blocks_spread_over_all_entries_of_a_table)
{
	for (const uint64_t *stride =
		     (const uint64_t[]){16, 32, 48, 64, 112, 4096, 65536, 1u << 20, 0};
	     *stride; stride++) {
		size_t empty, most = most_in_a_group(*stride, &empty);

		if (!CHECK(most <= 4 * HEAP_GROUP && empty <= 4096 / 16))
			fprintf(stderr,
				"    %llu bytes apart: %zu in one group, %zu groups empty\n",
				(unsigned long long)*stride, most, empty);
	}
}
