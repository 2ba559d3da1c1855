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
 * frames of the walk in progress from the top, [top, capacity). A walk ends by moving these down to
 * what it kept.
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
	FRAME_PLAIN_SHIFT = 3, /* how many steps outwards depend on return addresses only */
};

struct memo_frame {
	uint64_t rsp;
	uint64_t rbp; /* if needed */
	uint64_t how; /* rule, and flags above it */
};

struct memo {
	uint64_t *address;
	struct memo_frame *frame;
	uint32_t capacity, depth;
	uint32_t live; /* the walk in progress may still meet [0, live) */
	uint32_t top;
	uint64_t first_address[MEMO_FIRST];
	struct memo_frame first_frame[MEMO_FIRST];
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
bool memo_grow(struct memo *memo);

static inline void memo_begin(struct memo *memo)
{
	memo->live = memo->depth;
	memo->top = memo->capacity;
}

/* Starts over: no remembered frame will be met in this walk. */
static inline void memo_restart(struct memo *memo)
{
	memo->live = 0;
	memo->top = memo->capacity;
}

/* The next frame of the walk. False if there is no memory. */
static inline bool memo_push(struct memo *memo, uintptr_t pc, uintptr_t rsp, uint32_t rule,
			     bool slowly)
{
	if (__builtin_expect(memo->top <= memo->live, 0) && !memo_grow(memo))
		return false;
	memo->top--;
	memo->address[memo->top] = pc;
	memo->frame[memo->top].rsp = rsp;
	memo->frame[memo->top].how = rule | (uint64_t)slowly * FRAME_REACHED_SLOWLY << 32;
	return true;
}

/* Whether frame live - 1 is the one at (pc, rsp, rbp). What lies inside of it is dead. */
static inline bool memo_meets(struct memo *memo, uintptr_t pc, uintptr_t rsp, uintptr_t rbp)
{
	uint32_t live = memo->live;

	while (live && memo->frame[live - 1].rsp < rsp)
		live--;
	memo->live = live;
	if (!live || memo->frame[live - 1].rsp != rsp || memo->address[live - 1] != pc)
		return false;
	unsigned flags = frame_flags(&memo->frame[live - 1]);

	return !(flags & FRAME_REACHED_SLOWLY) &&
	       (!(flags & FRAME_NEEDS_RBP) || memo->frame[live - 1].rbp == rbp);
}

/* From frame live - 1, which was met: the outermost frame that still is as remembered. */
uint32_t memo_verify(const struct memo *memo);

/* rbp in the verified frame `at`, if frame live - 1 was met with this one. */
uintptr_t memo_rbp(const struct memo *memo, uint32_t at, uintptr_t rbp);

/* Makes the verified frames [at, live) part of the walk. */
void memo_take(struct memo *memo, uint32_t at);

/*
 * Ends the walk: its stack is the remembered [0, live) if `met`, and its own frames. Returns how
 * many addresses are as they were.
 */
uint32_t memo_commit(struct memo *memo, bool met);

#endif
