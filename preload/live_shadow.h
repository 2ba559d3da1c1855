// SPDX-License-Identifier: MIT
/*
 * A word for each place where a block may begin: the live blocks of a domain, by address.
 *
 * A tree of two steps over all addresses of 47 bits that are multiples of 16, whose leaves are
 * mapped when first needed, and of which only touched pages take memory: at most half of the memory
 * that the blocks lie in, and 4 KiB for each block that lies alone. A change is one exchange of a
 * word: no lock, nothing that a signal handler, a fork or a jump could leave half done, and no step
 * that takes longer than others. A leaf is never given back, since others may look at it.
 */
#ifndef PRELOAD_LIVE_SHADOW_H
#define PRELOAD_LIVE_SHADOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHADOW_SIZE_MAX UINT32_MAX

#define SHADOW_LEAF_BITS 18 /* 4 MiB of addresses, whose words fill 2 MiB */
#define SHADOW_MIDDLE_BITS 12
#define SHADOW_TOP_BITS (47 - 4 - SHADOW_LEAF_BITS - SHADOW_MIDDLE_BITS)
#define SHADOW_LEAF_WORDS ((size_t)1 << SHADOW_LEAF_BITS)
#define SHADOW_LEAF_SIZE (SHADOW_LEAF_WORDS * sizeof(uint64_t))

struct shadow_middle {
	void *leaf[1 << SHADOW_MIDDLE_BITS]; /* of words */
};

struct shadow {
	struct shadow *next;
	uint32_t domain, place; /* in the list */
	void *middle[1 << SHADOW_TOP_BITS];
};

extern struct shadow *shadow_heap; /* NULL before it is needed */

/* A block: its size, and the number of its stack, which is never 0. 0: none. */
static inline uint64_t shadow_word(uint64_t size, uint32_t stack)
{
	return size << 32 | stack;
}

static inline uint64_t shadow_word_size(uint64_t word)
{
	return word >> 32;
}

static inline uint32_t shadow_word_stack(uint64_t word)
{
	return (uint32_t)word;
}

/* Whether there is a place for such a block. */
static inline bool shadow_fits(uint64_t address, uint64_t size)
{
	return address % 16 == 0 && address >> 47 == 0 && size <= SHADOW_SIZE_MAX;
}

/*
 * Puts the word there, in an address that fits, and gives what was there. Only a word that is not 0
 * makes room, and it fails (false) if there is none, or too many domains.
 */
bool shadow_exchange(uint32_t domain, uint64_t address, uint64_t word, uint64_t *old);

/* The place of a word of the heap, in an address that fits; NULL if it is not mapped yet. */
static inline uint64_t *shadow_heap_word(uint64_t address)
{
	uint64_t place = address / 16;
	const struct shadow *shadow = __atomic_load_n(&shadow_heap, __ATOMIC_ACQUIRE);
	struct shadow_middle *middle =
		shadow ? __atomic_load_n(
				 &shadow->middle[place >> (SHADOW_LEAF_BITS + SHADOW_MIDDLE_BITS)],
				 __ATOMIC_ACQUIRE)
		       : NULL;
	uint64_t *leaf = middle ? __atomic_load_n(&middle->leaf[place >> SHADOW_LEAF_BITS &
								((1 << SHADOW_MIDDLE_BITS) - 1)],
						  __ATOMIC_ACQUIRE)
				: NULL;

	return leaf ? &leaf[place & (SHADOW_LEAF_WORDS - 1)] : NULL;
}

/* The word that is there. */
uint64_t shadow_look(uint32_t domain, uint64_t address);

/* Empties all of it, block by block; the sum of the sizes of what was there. Any thread may go on. */
uint64_t shadow_clear(void);

/* The same in one go, with its memory given back. No other thread makes changes. */
void shadow_drop(void);

/* The sum of all sizes. No other thread makes changes. */
uint64_t shadow_sum(void);

#endif
