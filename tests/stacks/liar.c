// SPDX-License-Identifier: MIT
/*
 * Linked into a library of its own in place of what calls the check mode: every thousandth stack is
 * told wrong, in its innermost frame, so that a test can see the check mode notice.
 */
#include "preload/stack_check.h"

void __real_stack_check(const struct unwinder *u, struct unwind_start start, uint32_t generation,
			struct unwound walk);
void __wrap_stack_check(const struct unwinder *u, struct unwind_start start, uint32_t generation,
			struct unwound walk);

void __wrap_stack_check(const struct unwinder *u, struct unwind_start start, uint32_t generation,
			struct unwound walk)
{
	static unsigned n;
	uint64_t *innermost = (uint64_t *)(uintptr_t)unwind_addresses(u) + walk.depth - 1;
	uint64_t lie = ++n % 1000 == 0 && walk.depth;

	*innermost ^= lie;
	__real_stack_check(u, start, generation, walk);
	*innermost ^= lie;
}
