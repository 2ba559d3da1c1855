// SPDX-License-Identifier: MIT
/*
 * Open addressing. What is taken out leaves a grave, which a search passes over, until its part of
 * the table is made anew.
 */
#include "live_odd.h"

#include "live_shadow.h"
#include "memory.h"

#define PARTS 16
#define SLOTS_FIRST 128
#define GRAVE UINT32_MAX /* in place of a stack */

struct part {
	size_t size, mask, used; /* bytes mapped; slots - 1; not empty ones */
	struct odd_block slots[];
};

static struct part *parts[PARTS];
static size_t n_blocks, n_misplaced;

static uint64_t hash(uint32_t domain, uint64_t address)
{
	uint64_t mixed = (address ^ (uint64_t)domain << 40) * 0x9fb21c651e98df25u;

	return mixed ^ mixed >> 29;
}

static bool is_block(const struct odd_block *slot)
{
	return slot->stack && slot->stack != GRAVE;
}

static struct odd_block *find(uint32_t domain, uint64_t address)
{
	uint64_t where = hash(domain, address);
	struct part *part = parts[where % PARTS];

	for (size_t i = where / PARTS; part; i++) {
		struct odd_block *slot = &part->slots[i & part->mask];

		if (!slot->stack)
			break;
		if (is_block(slot) && slot->address == address && slot->domain == domain)
			return slot;
	}
	return NULL;
}

static void put(struct part *part, uint64_t where, struct odd_block block)
{
	size_t i = where / PARTS & part->mask;
	struct odd_block *slot;

	while (is_block(&part->slots[i]))
		i = (i + 1) & part->mask;
	slot = &part->slots[i];
	part->used += !slot->stack;
	slot->address = block.address;
	slot->size = block.size;
	slot->domain = block.domain;
	__atomic_store_n(&slot->stack, block.stack, __ATOMIC_RELEASE);
}

/* A part with room, without graves. */
static struct part *make(const struct part *old)
{
	size_t n = 0, slots = SLOTS_FIRST;

	for (size_t i = 0; old && i <= old->mask; i++)
		n += is_block(&old->slots[i]);
	while (slots < 2 * (n + 1))
		slots *= 2;
	size_t size = sizeof(struct part) + slots * sizeof(struct odd_block);
	struct part *part = memory_map(size);

	if (!part)
		return NULL;
	part->size = size;
	part->mask = slots - 1;
	for (size_t i = 0; old && i <= old->mask; i++)
		if (is_block(&old->slots[i]))
			put(part, hash(old->slots[i].domain, old->slots[i].address), old->slots[i]);
	return part;
}

size_t odd_count(void)
{
	return __atomic_load_n(&n_blocks, __ATOMIC_RELAXED);
}

size_t odd_misplaced(void)
{
	return __atomic_load_n(&n_misplaced, __ATOMIC_RELAXED);
}

static void count(uint64_t address, size_t n)
{
	__atomic_add_fetch(&n_blocks, n, __ATOMIC_RELAXED);
	if (shadow_fits(address, 0))
		__atomic_add_fetch(&n_misplaced, n, __ATOMIC_RELAXED);
}

struct odd_block odd_look(uint32_t domain, uint64_t address)
{
	const struct odd_block *slot = find(domain, address);

	return slot ? *slot : (struct odd_block){0};
}

struct odd_block odd_take(uint32_t domain, uint64_t address)
{
	struct odd_block *slot = find(domain, address), block;

	if (!slot)
		return (struct odd_block){0};
	block = *slot;
	__atomic_store_n(&slot->stack, GRAVE, __ATOMIC_RELEASE);
	count(address, (size_t)-1);
	return block;
}

bool odd_add(struct odd_block block)
{
	uint64_t where = hash(block.domain, block.address);
	struct part *part = parts[where % PARTS], *old = part;

	if (!part || 4 * (part->used + 1) > 3 * (part->mask + 1)) {
		part = make(old);
		if (!part)
			return false;
		__atomic_store_n(&parts[where % PARTS], part, __ATOMIC_RELEASE);
		memory_unmap(old, old ? old->size : 0);
	}
	count(block.address, 1); /* first: a forked child must not think that there is none */
	put(part, where, block);
	return true;
}

uint64_t odd_sum(void)
{
	uint64_t size = 0;

	for (size_t at = 0; at < PARTS; at++)
		for (size_t i = 0; parts[at] && i <= parts[at]->mask; i++)
			size += is_block(&parts[at]->slots[i]) ? parts[at]->slots[i].size : 0;
	return size;
}

uint64_t odd_clear(void)
{
	uint64_t size = odd_sum();

	for (size_t at = 0; at < PARTS; at++) {
		struct part *part = parts[at];

		__atomic_store_n(&parts[at], NULL, __ATOMIC_RELEASE);
		memory_unmap(part, part ? part->size : 0);
	}
	__atomic_store_n(&n_blocks, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&n_misplaced, 0, __ATOMIC_RELAXED);
	return size;
}
