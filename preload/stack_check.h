// SPDX-License-Identifier: MIT
/*
 * The check mode, TMTRACE_CHECK_STACKS=1: every recorded stack is compared with libunwind's, up to
 * the first frame without call frame information, and its kept part with the stack before.
 *
 * Slow, and for finding faults in the stack walk only. The counts and the first differences go into
 * the trace as a checks chunk.
 */
#ifndef PRELOAD_STACK_CHECK_H
#define PRELOAD_STACK_CHECK_H

#include "line.h"
#include "unwind.h"

extern bool stack_check_on;

/* Before main. False, and why in `error`, if there is no libunwind. */
bool stack_check_start(struct line *error);

/* In a forked child: what its parent counted is in the parent's trace. */
void stack_check_forked(void);

/*
 * Compares what unwind(u, start, generation) has just returned; called from the same hook, and the
 * thread holds its guard.
 */
void stack_check(const struct unwinder *u, struct unwind_start start, uint32_t generation,
		 struct unwound walk);

static inline void stack_checked(const struct unwinder *u, struct unwind_start start,
				 uint32_t generation, struct unwound walk)
{
	if (__builtin_expect(stack_check_on, 0))
		stack_check(u, start, generation, walk);
}

/* Writes the counts so far, and the differences not yet written. */
void stack_check_flush(void);

#endif
