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

/*
 * Where the walk begins: the caller of a hook. One word, to be passed in a register: structs that
 * are copied right after they were stored cost more than the walk of a frame.
 */
struct unwind_start {
	uintptr_t frame; /* of the hook: the caller's rbp and the return address stand there */
};

/*
 * The start for the function it is used in, which must keep its frame pointer and not be inlined.
 */
#define UNWIND_START() ((struct unwind_start){.frame = (uintptr_t)__builtin_frame_address(0)})

/* The hook's return address. */
static inline uintptr_t unwind_start_pc(struct unwind_start start)
{
	return ((const uintptr_t *)start.frame)[1];
}

/* The caller's rsp once the hook has returned. */
static inline uintptr_t unwind_start_cfa(struct unwind_start start)
{
	return start.frame + 16;
}

/* The caller's rbp. */
static inline uintptr_t unwind_start_rbp(struct unwind_start start)
{
	return *(const uintptr_t *)start.frame;
}

/*
 * A generation in which nothing is remembered: while a library is being unloaded. Slow and exact.
 */
#define UNWIND_UNCACHED UINT32_MAX

struct unwinder;

/* Bytes of a thread's unwinder; zeroed memory is a new one. */
size_t unwind_state_size(void);

struct unwound { /* fits a register */
	uint32_t kept;
	uint32_t depth : 31;
	uint32_t complete : 1; /* reached the outermost frame; 0: found no way on from the last */
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

/* Whether the last walk had to step by more than the simple rules. */
bool unwind_was_slow(const struct unwinder *u);

/*
 * Call it when the program has unmapped memory or taken it away otherwise: any of it may have been a
 * stack, of this thread or another one, so that each thread's next walk probes its stack anew.
 */
void unwind_memory_gone(void);

/* The next result has kept = 0. */
void unwind_forget(struct unwinder *u);

/* Gives back what a deep stack made it map, and zeroes it. */
void unwind_release(struct unwinder *u);

#endif
