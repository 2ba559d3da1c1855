// SPDX-License-Identifier: MIT
#include "analyzer/intern.h"

#include "common/hash.h"
#include "tests/test.h"

#define ITEMS 6000

static uint64_t item(uint32_t id)
{
	return (uint64_t)id * 977;
}

static uint64_t hash_of(const void *arg, uint32_t id)
{
	(void)arg;
	return hash_mix(item(id)) & 0xfff; /* so that many collide */
}

static uint32_t find(const struct intern *set, uint64_t wanted, size_t *slot)
{
	uint32_t id;

	for (*slot = intern_start(set, hash_mix(wanted) & 0xfff);
	     (id = set->slots[*slot]) != INTERN_NONE; *slot = intern_next(set, *slot))
		if (item(id) == wanted)
			break;
	return id;
}

TEST(interned_items_are_found_and_others_are_not)
{
	struct intern set;
	size_t slot;

	intern_init(&set);
	for (uint32_t id = 0; id < ITEMS; id++) {
		CHECK_EQ(find(&set, item(id), &slot), INTERN_NONE);
		intern_add(&set, slot, id, hash_of, NULL);
		CHECK_EQ(find(&set, item(id), &slot), id);
	}
	for (uint32_t id = 0; id < ITEMS; id += 97)
		CHECK_EQ(find(&set, item(id), &slot), id);
	CHECK_EQ(set.n, ITEMS);
	intern_release(&set);
	intern_release(&set);
}
