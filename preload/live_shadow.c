// SPDX-License-Identifier: MIT
/*
 * Domains are few: a list of trees, the heap's first. What is in it never goes away.
 */
#include "live_shadow.h"

#include "memory.h"
#include "sys.h"

#define DOMAINS_MOST 64

struct shadow *shadow_heap;
static struct shadow *others;

/* With size 0 nothing is made. */
static void *follow(void **link, size_t size)
{
	return size ? memory_map_once(link, size) : __atomic_load_n(link, __ATOMIC_ACQUIRE);
}

static struct shadow *find_other(uint32_t domain, bool make)
{
	struct shadow *first = __atomic_load_n(&others, __ATOMIC_ACQUIRE), *made = NULL;

	while (true) {
		struct shadow *shadow = first;

		while (shadow && shadow->domain != domain)
			shadow = shadow->next;
		if (shadow || !make || (first && first->place >= DOMAINS_MOST)) {
			memory_unmap(made, sizeof *made);
			return shadow;
		}
		if (!made)
			made = memory_map(sizeof *made);
		if (!made)
			return NULL;
		made->domain = domain;
		made->place = first ? first->place + 1 : 1;
		made->next = first;
		if (__atomic_compare_exchange_n(&others, &first, made, false, __ATOMIC_ACQ_REL,
						__ATOMIC_ACQUIRE))
			return made;
	}
}

static struct shadow *find(uint32_t domain, bool make)
{
	if (domain)
		return find_other(domain, make);
	return follow((void **)&shadow_heap, make ? sizeof(struct shadow) : 0);
}

/* The place of the word; NULL if there is none, or no memory for it. */
static uint64_t *locate(uint32_t domain, uint64_t address, bool make)
{
	uint64_t place = address / 16;
	struct shadow *shadow = find(domain, make);
	struct shadow_middle *middle;
	uint64_t *leaf;

	if (!shadow)
		return NULL;
	middle = follow(&shadow->middle[place >> (SHADOW_LEAF_BITS + SHADOW_MIDDLE_BITS)],
			make ? sizeof *middle : 0);
	if (!middle)
		return NULL;
	leaf = follow(&middle->leaf[place >> SHADOW_LEAF_BITS & ((1 << SHADOW_MIDDLE_BITS) - 1)],
		      make ? SHADOW_LEAF_SIZE : 0);
	return leaf ? &leaf[place & (SHADOW_LEAF_WORDS - 1)] : NULL;
}

bool shadow_exchange(uint32_t domain, uint64_t address, uint64_t word, uint64_t *old)
{
	uint64_t *at = locate(domain, address, word != 0);

	*old = at ? __atomic_exchange_n(at, word, __ATOMIC_ACQ_REL) : 0;
	return at || !word;
}

uint64_t shadow_look(uint32_t domain, uint64_t address)
{
	const uint64_t *at = locate(domain, address, false);

	return at ? __atomic_load_n(at, __ATOMIC_ACQUIRE) : 0;
}

static uint64_t clear_leaf(uint64_t *leaf)
{
	uint64_t size = 0;

	for (size_t i = 0; i < SHADOW_LEAF_WORDS; i++)
		if (__atomic_load_n(&leaf[i], __ATOMIC_RELAXED))
			size += shadow_word_size(
				__atomic_exchange_n(&leaf[i], 0, __ATOMIC_ACQ_REL));
	return size;
}

static uint64_t drop_leaf(uint64_t *leaf)
{
	if (sys_madvise(leaf, SHADOW_LEAF_SIZE, MADV_DONTNEED) < 0)
		clear_leaf(leaf);
	return 0;
}

static uint64_t sum_leaf(uint64_t *leaf)
{
	uint64_t size = 0;

	for (size_t i = 0; i < SHADOW_LEAF_WORDS; i++)
		size += shadow_word_size(leaf[i]);
	return size;
}

static uint64_t each_leaf(uint64_t (*visit)(uint64_t *leaf), struct shadow_middle *middle)
{
	uint64_t size = 0;

	for (size_t i = 0; middle && i < (size_t)1 << SHADOW_MIDDLE_BITS; i++) {
		uint64_t *leaf = __atomic_load_n(&middle->leaf[i], __ATOMIC_ACQUIRE);

		size += leaf ? visit(leaf) : 0;
	}
	return size;
}

static uint64_t each_middle(uint64_t (*visit)(uint64_t *leaf), struct shadow *shadow)
{
	uint64_t size = 0;

	for (size_t i = 0; shadow && i < (size_t)1 << SHADOW_TOP_BITS; i++)
		size += each_leaf(visit, __atomic_load_n(&shadow->middle[i], __ATOMIC_ACQUIRE));
	return size;
}

static uint64_t each(uint64_t (*visit)(uint64_t *leaf))
{
	struct shadow *shadow = __atomic_load_n(&others, __ATOMIC_ACQUIRE);
	uint64_t size = each_middle(visit, __atomic_load_n(&shadow_heap, __ATOMIC_ACQUIRE));

	for (; shadow; shadow = shadow->next)
		size += each_middle(visit, shadow);
	return size;
}

uint64_t shadow_clear(void)
{
	return each(clear_leaf);
}

void shadow_drop(void)
{
	each(drop_leaf);
}

uint64_t shadow_sum(void)
{
	return each(sum_leaf);
}
