// SPDX-License-Identifier: MIT
/*
 * The stacks of the live table, each once: a tree of frames, in which a stack is its innermost one.
 *
 * A frame is found by its caller and its address in a tree of hashes that only grows, by single
 * stores: no lock, and nothing is ever moved or given back. 32 bytes for each frame that is not yet
 * there below its caller.
 */
#ifndef PRELOAD_LIVE_STACKS_H
#define PRELOAD_LIVE_STACKS_H

#include <stdint.h>

#include "unwind.h"

#define STACK_NONE 1u /* none could be taken, or there is no memory for it; no number is 0 */

/* A thread's last stack, whose outer frames the next one mostly shares. Zeroed is a new one. */
struct last_stack {
	uint32_t *frames; /* numbers, outermost first */
	uint32_t capacity, valid;
};

/* The number of the stack that a thread's last walk found. */
uint32_t stacks_number(struct last_stack *last, const uint64_t *addresses, struct unwound walk);

/*
 * How deep the stack is; up to `capacity` of its look-up addresses go into *frames, the most recent
 * first.
 */
uint32_t stacks_frames(uint32_t number, uintptr_t *frames, unsigned capacity);

#endif
