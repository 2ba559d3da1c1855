// SPDX-License-Identifier: MIT
/*
 * Calls become raw events in a block.
 *
 * ORDER: a free is recorded before the real free, an allocation after the real one and before the
 * hook returns; so along one address the events stand in the order in which they happened. All
 * functions are called between thread_enter and thread_leave.
 */
#ifndef PRELOAD_RECORD_H
#define PRELOAD_RECORD_H

#include "thread.h"

/* A block of `size` bytes now lives at `address`; its stack begins at `start`. */
void record_alloc(struct hook hook, const void *address, size_t size, unsigned flags,
		  struct unwind_start start);

/* The block at `address` is about to be freed. False: it could not be recorded. */
bool record_free(struct hook hook, const void *address, unsigned flags);

/* The last free of this thread did not happen. Only if it was recorded. */
void record_undo(struct hook hook);

/* Any event that has a stack: an ALLOC or a TRACK. False: it could not be recorded. */
bool record_stack_event(struct hook hook, struct side_event event, struct unwind_start start);

/* Any other: MARK, UNTRACK, ... */
bool record_event(struct hook hook, struct side_event event);

/* As record_alloc, in a domain of the program. */
bool record_track(struct hook hook, uint32_t domain, const void *address, size_t size,
		  unsigned flags, struct unwind_start start);

/* START, or the CLEAR of a stop, between thread_enter_paused and thread_leave. */
bool record_paused(struct hook hook, struct side_event event);

/*
 * What is mapped in these pages is about to be unmapped; with EVENT_RESERVED, it has lost access.
 * False: it could not be recorded. The other one: that unmapping, the last free or unmapping of this
 * thread, was recorded and did not happen. The hook must not be nested.
 */
bool record_unmap(struct hook hook, const void *address, size_t size, unsigned flags);
void record_undo_unmap(struct hook hook);

/* A forked child says so before its first event. */
void record_fork(struct thread *thread, uint64_t parent_pid);

/*
 * Appends the side array of `from` to the block of `into`: all but what was the call of the hook
 * itself once more, whose result is `result`. Then the same for the calling thread.
 */
void record_side_into(struct thread *from, struct thread *into, uint64_t result);
void record_side(struct thread *thread);

#endif
