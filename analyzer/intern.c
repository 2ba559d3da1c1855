// SPDX-License-Identifier: MIT
/*
 * Linear probing at a load of at most 5/8; growing asks for the hashes again instead of storing
 * them.
 */
#include "intern.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

#define FIRST_SLOTS 64

static uint32_t *new_slots(size_t n)
{
	uint32_t *slots = xreallocarray(NULL, n, sizeof *slots);

	memset(slots, 0xff, n * sizeof *slots);
	return slots;
}

void intern_init(struct intern *set)
{
	*set = (struct intern){.slots = new_slots(FIRST_SLOTS), .mask = FIRST_SLOTS - 1};
}

void intern_release(struct intern *set)
{
	free(set->slots);
	*set = (struct intern){0};
}

static void grow(struct intern *set, uint64_t (*hash_of)(const void *, uint32_t), const void *arg)
{
	struct intern bigger = {.mask = set->mask * 2 + 1, .n = set->n};

	bigger.slots = new_slots(bigger.mask + 1);
	for (size_t i = 0; i <= set->mask; i++) {
		uint32_t id = set->slots[i];

		if (id == INTERN_NONE)
			continue;
		size_t slot = intern_start(&bigger, hash_of(arg, id));

		while (bigger.slots[slot] != INTERN_NONE)
			slot = intern_next(&bigger, slot);
		bigger.slots[slot] = id;
	}
	free(set->slots);
	*set = bigger;
}

void intern_add(struct intern *set, size_t slot, uint32_t id,
		uint64_t (*hash_of)(const void *, uint32_t), const void *arg)
{
	set->slots[slot] = id;
	set->n++;
	if (set->n > set->mask / 8 * 5)
		grow(set, hash_of, arg);
}
