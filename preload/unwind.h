// SPDX-License-Identifier: MIT
/*
 * The call stack of a hook's caller, exact and cheap enough for every malloc.
 *
 * Never allocates from malloc, takes no lock, reads memory only where it was seen to be readable,
 * and needs less than 1 KiB of the caller's stack. What is stored are look-up addresses: return
 * address - 1, or the interrupted pc itself in the frame that a signal interrupted.
 */
#ifndef UNWIND_H
#define UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the walk begins: the caller of a hook. */
struct unwind_start {
	uintptr_t pc;  /* the hook's return address */
	uintptr_t cfa; /* the caller's rsp once the hook has returned */
	uintptr_t rbp; /* the caller's rbp */
};

/*
 * The start for the function it is used in, which must keep its frame pointer and not be inlined.
 */
#define UNWIND_START()                                                                             \
	((struct unwind_start){                                                                    \
		.pc = (uintptr_t)__builtin_return_address(0),                                      \
		.cfa = (uintptr_t)__builtin_frame_address(0) + 16,                                 \
		.rbp = *(const uintptr_t *)__builtin_frame_address(0),                             \
	})

/*
 * A generation in which nothing is remembered: while a library is being unloaded. Slow and exact.
 */
#define UNWIND_UNCACHED UINT32_MAX

struct unwinder;

/* Bytes of a thread's unwinder; zeroed memory is a new one. */
size_t unwind_state_size(void);

struct unwound {
	uint32_t kept, depth;
	bool complete; /* reached the outermost frame; false: found no way on from the last */
};

/*
 * Walks the stack and notes the modules that it leads through (modules.h). Afterwards unwind_addresses(u)[0 .. depth) are the look-up addresses, outermost
 * first, and the first `kept` of them are as after the previous call. `generation` changes with
 * every unloaded library; what was learnt in another one is forgotten. Must be called from the hook
 * that `start` describes, or below it: registers that `start` lacks are found by unwinding that
 * far.
 */
struct unwound unwind(struct unwinder *u, struct unwind_start start, uint32_t generation);

const uint64_t *unwind_addresses(const struct unwinder *u);

/* The next result has kept = 0. */
void unwind_forget(struct unwinder *u);

/* Gives back what a deep stack made it map, and zeroes it. */
void unwind_release(struct unwinder *u);

#endif
