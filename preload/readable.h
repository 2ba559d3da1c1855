// SPDX-License-Identifier: MIT
/*
 * Which memory around a stack can be read without a fault.
 *
 * A walk may be led astray by code that is described wrongly, so each page is probed before its
 * first read: a system call per new page, a compare ever after. The range belongs to the stack in
 * use; a walk that starts on another stack starts another range.
 */
#ifndef READABLE_H
#define READABLE_H

#include <stdbool.h>
#include <stdint.h>

struct readable {
	uintptr_t low, high; /* [low, high) can be read; whole pages */
	unsigned moves;	     /* jumps to other memory in this walk */
};

/* Words of other functions' frames, which a sanitizer may have poisoned. */
typedef uint64_t __attribute__((may_alias)) stack_word;

__attribute__((no_sanitize("address"), no_sanitize("thread"))) static inline uint64_t
stack_load(uintptr_t address)
{
	return *(const stack_word *)address;
}

static inline bool readable_holds(const struct readable *range, uintptr_t address)
{
	return address - range->low < range->high - range->low;
}

void readable_start_slowly(struct readable *range, uintptr_t rsp);

/* Begins a walk at the live stack pointer `rsp`. */
static inline void readable_start(struct readable *range, uintptr_t rsp)
{
	range->moves = 0;
	if (__builtin_expect(!readable_holds(range, rsp - 8), 0))
		readable_start_slowly(range, rsp);
}

/*
 * Makes [from, to) readable for a walk that stands at `rsp`: by extending the range, or, if that
 * memory is elsewhere (another stack), by moving it there. False if it cannot be, or if a walk
 * jumps too often.
 */
bool readable_reach(struct readable *range, uintptr_t rsp, uintptr_t from, uintptr_t to);

/* Moves the range to [from, to), on another stack. */
bool readable_move(struct readable *range, uintptr_t from, uintptr_t to);

/* Any address; probes what is outside the range, and leaves the range alone. */
bool readable_load(const struct readable *range, uintptr_t address, unsigned size, uint64_t *value);

#endif
