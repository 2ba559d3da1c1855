// SPDX-License-Identifier: MIT
/*
 * Packing and caching of frame rules.
 *
 * Threads may empty the cache at the same time, and one that still works in an older generation may
 * cache a rule after that: it found it for an address on its own stack, in code that therefore is
 * still loaded, so the rule is right.
 */
#include "frame_rule.h"

uint64_t frame_rules[RULE_WAYS][RULE_SETS] __attribute__((aligned(64)));

static uint32_t rules_generation;

static bool saved_rbp(const struct cfi_row *row, unsigned *saved)
{
	const struct cfi_rule *rbp = &row->reg[CFI_RBP];

	*saved = RULE_UNCHANGED;
	if (rbp->how == CFI_UNSPECIFIED || rbp->how == CFI_SAME)
		return true;
	/*
	 * Between the base register and the CFA, so that checking these two for readability
	 * suffices.
	 */
	if (rbp->how != CFI_OFFSET || rbp->value & 7 || rbp->value > -16 ||
	    rbp->value < -row->cfa.value)
		return false;
	*saved = (unsigned)-rbp->value / 8;
	return *saved <= RULE_SAVED_MAX;
}

uint32_t frame_rule_pack(const struct cfi_row *row)
{
	const struct cfi_rule *cfa = &row->cfa, *rip = &row->reg[CFI_RIP];
	unsigned saved;

	if (rip->how == CFI_UNDEFINED)
		return RULE_OUTERMOST;
	if (row->signal || rip->how != CFI_OFFSET || rip->value != -8 ||
	    row->reg[CFI_RSP].how != CFI_UNSPECIFIED)
		return RULE_SLOW;
	if (cfa->how != CFI_REGISTER || (cfa->reg != CFI_RSP && cfa->reg != CFI_RBP))
		return RULE_SLOW;
	if (cfa->value < 8 || cfa->value & ~RULE_OFFSET || !saved_rbp(row, &saved))
		return RULE_SLOW;
	return (cfa->reg == CFI_RSP ? RULE_RSP : RULE_RBP) | (uint32_t)cfa->value |
	       saved << RULE_SAVED_SHIFT;
}

__attribute__((noinline)) uint32_t frame_rule_find_further(uintptr_t pc)
{
	for (unsigned way = 1; way < RULE_WAYS; way++) {
		uint64_t word = __atomic_load_n(&frame_rules[way][rule_set(pc)], __ATOMIC_RELAXED);

		if (word >> RULE_BITS == rule_tag(pc))
			return (uint32_t)word & RULE_MASK;
	}
	return RULE_NONE;
}

void frame_rule_cache(uintptr_t pc, uint32_t rule)
{
	uint64_t word = rule_tag(pc) << RULE_BITS | rule;

	for (unsigned way = 0; way < RULE_WAYS; way++)
		word = __atomic_exchange_n(&frame_rules[way][rule_set(pc)], word, __ATOMIC_RELAXED);
}

void frame_rules_renew(uint32_t generation)
{
	uint32_t old = __atomic_load_n(&rules_generation, __ATOMIC_ACQUIRE);

	if ((int32_t)(generation - old) <= 0)
		return;
	for (unsigned way = 0; way < RULE_WAYS; way++)
		for (unsigned set = 0; set < RULE_SETS; set++)
			if (__atomic_load_n(&frame_rules[way][set],
					    __ATOMIC_RELAXED)) /* leave zero pages alone */
				__atomic_store_n(&frame_rules[way][set], 0, __ATOMIC_RELAXED);
	__atomic_compare_exchange_n(&rules_generation, &old, generation, false, __ATOMIC_RELEASE,
				    __ATOMIC_RELAXED);
}
