// SPDX-License-Identifier: MIT
/*
 * The frame rules that nearly all code has, packed into 31 bits, and the cache of them that all
 * threads share: CFA = rsp or rbp + offset; rbp unchanged or stored in the frame; return address at
 * CFA - 8.
 *
 * One 64-bit word holds an address and its rule, so there is nothing to tear and no lock. A rule is
 * a pure function of the address as long as no library is unloaded. Where there is no module,
 * nothing is cached: the next dlopen may change that.
 */
#ifndef FRAME_RULE_H
#define FRAME_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "cfi.h"

/*
 * bits 0-2: kind; 3-21: bytes from the base register to the CFA; 22-30: words from it to the saved
 * rbp
 */
enum {
	RULE_NONE = 0, /* not cached, or no rule known */
	RULE_RSP = 1,
	RULE_RBP = 2,
	RULE_SLOW = 3, /* something else: see the row */
	RULE_OUTERMOST = 4,
	RULE_BARE = 5, /* in a module that does not describe it */
	RULE_KIND = 7,
	RULE_OFFSET = 0x3ffff8,
	RULE_SAVED_SHIFT = 22,
	RULE_SAVED_MAX = 511,
	RULE_BITS = 31,
	RULE_MASK = 0x7fffffff,
};

/* "Saved" where the return address is stands for unchanged: can be read like the others. */
enum { RULE_UNCHANGED = 1 };

enum {
	ADDRESS_BITS = 47,
	RULE_SETS_BITS = RULE_BITS + ADDRESS_BITS - 64,
	RULE_SETS = 1 << RULE_SETS_BITS,
	RULE_WAYS = 4, /* 64 Ki rules, 512 KiB, of which only what is used is touched */
};

/*
 * Each word: the upper 33 bits of an address, and 31 bits of rule. The lower bits choose the set.
 */
extern uint64_t frame_rules[RULE_WAYS][RULE_SETS];

static inline bool rule_is_simple(uint32_t rule)
{
	return (rule & RULE_KIND) - RULE_RSP < 2;
}

/* Words from the CFA down to the saved rbp, or RULE_UNCHANGED. */
static inline unsigned rule_saved(uint32_t rule)
{
	return rule >> RULE_SAVED_SHIFT & RULE_SAVED_MAX;
}

static inline unsigned rule_set(uintptr_t pc)
{
	return pc & (RULE_SETS - 1);
}

/* Not one of a cached word if `pc` has more bits than an address. */
static inline uint64_t rule_tag(uintptr_t pc)
{
	return pc >> RULE_SETS_BITS;
}

/* What the ways but the first one have cached. */
uint32_t frame_rule_find_further(uintptr_t pc);

/* The rule cached for a look-up address, or RULE_NONE. */
static inline uint32_t frame_rule_find(uintptr_t pc)
{
	uint64_t word = __atomic_load_n(&frame_rules[0][rule_set(pc)], __ATOMIC_RELAXED);

	if (__builtin_expect(word >> RULE_BITS == rule_tag(pc), 1))
		return (uint32_t)word & RULE_MASK;
	return frame_rule_find_further(pc);
}

uint32_t frame_rule_pack(const struct cfi_row *row);

void frame_rule_cache(uintptr_t pc, uint32_t rule);

/* Call it when a thread meets another generation: empties the cache unless another thread has. */
void frame_rules_renew(uint32_t generation);

#endif
