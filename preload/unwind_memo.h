// SPDX-License-Identifier: MIT
/*
 * The last stack of a thread, to be verified instead of walked again.
 *
 * A frame's state is (pc, rsp, rbp); where its caller's state stands in memory follows from it. So
 * if a walk reaches a remembered state, the remembered callers are right as long as the words they
 * came from are unchanged, compared from the inside out. Only simple steps are verified that way,
 * and rbp only where a frame farther out takes its CFA from it.
 *
 * One array, outermost first, holds both: the last stack from the bottom, [0, depth), and the
 * frames of the walk in progress from the top. A walk ends by moving these down to what it kept, so
 * that its cost goes with what is new, not with the depth.
 */
#ifndef UNWIND_MEMO_H
#define UNWIND_MEMO_H

#include "frame_rule.h"
#include "readable.h"

enum { MEMO_FIRST = 256 }; /* frames before memory is mapped */

/* The upper half of memo_frame.how. */
enum {
	FRAME_REACHED_SLOWLY =
		1,	     /* by a step that needs more than this state: not to be met again */
	FRAME_NEEDS_RBP = 2, /* this frame or one farther out takes its CFA from the rbp of here */
	FRAME_RELOADS_RBP = 4, /* the step outwards loads the rbp that is needed there */
	FRAME_UNTIL_SHIFT = 3, /* steps from here out to this frame take return addresses only */
};

struct memo_frame {
	uint64_t rsp;
	union {
		uint64_t rbp; /* if needed */
		uint64_t pc;  /* until the walk has ended */
	};
	uint64_t how; /* rule, and flags above it */
};

struct memo {
	uint64_t *address;
	struct memo_frame *frame; /* frame[-1] is farther out than any: no need to count */
	uint32_t capacity, depth;
	uint64_t first_address[MEMO_FIRST];
	struct memo_frame first_frame[1 + MEMO_FIRST];
};

/* A walk in progress, apart from the memo so that registers can hold it. */
struct memo_walk {
	const struct memo_frame *live; /* the innermost remembered frame that it may still meet */
	const uint64_t *live_address;
	struct memo_frame *top; /* its own outermost frame */
};

static inline uint32_t frame_rule(const struct memo_frame *frame)
{
	return (uint32_t)frame->how;
}

static inline unsigned frame_flags(const struct memo_frame *frame)
{
	return (unsigned)(frame->how >> 32);
}

void memo_init(struct memo *memo);
void memo_release(struct memo *memo);
bool memo_grow(struct memo *memo, struct memo_walk *walk);

static inline struct memo_walk memo_begin(const struct memo *memo)
{
	return (struct memo_walk){.live = memo->frame + memo->depth - 1,
				  .live_address = memo->address + memo->depth - 1,
				  .top = memo->frame + memo->capacity};
}

/* The next frame of the walk. False if there is no memory. */
static inline bool memo_push(struct memo *memo, struct memo_walk *walk, uintptr_t pc, uintptr_t rsp,
			     uint64_t how)
{
	if (__builtin_expect(walk->top - 1 <= walk->live, 0)) {
		struct memo_walk moved = *walk; /* a copy, so that `walk` can stay in registers */

		if (!memo_grow(memo, &moved))
			return false;
		*walk = moved;
	}
	walk->top--;
	walk->top->rsp = rsp;
	walk->top->pc = pc;
	walk->top->how = how;
	return true;
}

/* Starts over: no remembered frame will be met in this walk. */
void memo_restart(struct memo *memo, struct memo_walk *walk);

/* Whether the frame at (pc, rsp, rbp) is walk->live. What lies inside of it is dead. */
static inline bool memo_meets(struct memo_walk *walk, uintptr_t pc, uintptr_t rsp, uintptr_t rbp)
{
	while (walk->live->rsp < rsp) {
		walk->live--;
		walk->live_address--;
	}
	if (walk->live->rsp != rsp || *walk->live_address != pc)
		return false;
	unsigned flags = frame_flags(walk->live);

	return !(flags & (FRAME_REACHED_SLOWLY | FRAME_NEEDS_RBP)) ||
	       (!(flags & FRAME_REACHED_SLOWLY) && walk->live->rbp == rbp);
}

/* From walk->live, which was met: the outermost frame that still is as remembered. */
const struct memo_frame *memo_verify(const struct memo *memo, const struct memo_walk *walk);

/* rbp in the verified frame `at`, if walk->live was met with this one. */
uintptr_t memo_rbp(const struct memo_walk *walk, const struct memo_frame *at, uintptr_t rbp);

/* Makes the verified frames from walk->live out to `at` part of the walk. */
void memo_take(struct memo_walk *walk, const struct memo_frame *at);

/*
 * Ends the walk: its stack is what is remembered out from walk->live if `met`, and its own frames.
 * Returns how many addresses are as they were.
 */
uint32_t memo_commit(struct memo *memo, const struct memo_walk *walk, bool met);

#endif
