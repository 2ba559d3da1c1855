// SPDX-License-Identifier: MIT
/*
 * The live table: what lives, kept inside the process for those who ask it (TMTRACE_LIVE=1, or
 * TMTRACE_LIVE given to tmtrace_start). Nobody else pays for it: see MODE_LIVE.
 *
 * Blocks of the heap and of the program's domains are in a shadow of the address space
 * (live_shadow.h), or, where that has no place for them, in a table (live_odd.h); mappings, of which
 * any part may go, are ranges (live_ranges.h). Their stacks are in a tree (live_stacks.h). What of
 * this is private memory a forked child goes on with.
 *
 * A change is made by the hook that records the event, after it: along one address the changes come
 * in the order of record.h. A free of what is not in the table changes nothing.
 */
#ifndef PRELOAD_LIVE_TABLE_H
#define PRELOAD_LIVE_TABLE_H

#include "live_ranges.h"
#include "live_stacks.h"
#include "thread.h"

/* What one thread removed last: see EVENT_UNDO. */
struct live_removed {
	uint32_t since; /* the number of clears then */
	uint32_t stack; /* 0: nothing */
	uint64_t address, size;
	struct ranges_taken ranges;
};

/* The table's part of struct thread. */
struct live_thread {
	struct last_stack last_stack;
	uint32_t start;	       /* the recording that last_stack is of */
	volatile int changing; /* between a change and its sum */
	struct live_removed removed;
};

/* The recording begins, or a handler jumped out of a hook of the thread. */
void live_start(void);
void live_left_behind(struct thread *thread);

/* It has ended: nothing lives. `quiet`: no other thread is inside a hook. */
void live_stop(bool quiet);

/* In a forked child, before its first change. */
void live_forked(void);

/* The number of the stack that was just walked, for live_change. */
uint32_t live_stack(struct thread *thread, struct unwound walk);

/* Does to the table what the event says. The thread's stream is the caller's, as for the event. */
void live_change(struct thread *thread, const struct side_event *event, uint32_t stack);

/* Bytes that live and lived at most. 0, or -ENOMEM: there are more, for which there was no memory. */
int live_memory(size_t *current, size_t *peak);

/*
 * The stack of the block of the heap that begins there: up to `capacity` of its frames, the most
 * recent first, and how deep it was. 0; -ENOENT: no such block; -ENOMEM: perhaps there is one.
 */
int live_find(uint64_t address, uintptr_t *frames, unsigned capacity, unsigned *nframe);

#endif
