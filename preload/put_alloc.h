// SPDX-License-Identifier: MIT
/*
 * An event with the stack of its caller into a block: the hottest part of all.
 */
#ifndef PRELOAD_PUT_ALLOC_H
#define PRELOAD_PUT_ALLOC_H

#include "flush.h"
#include "modules.h"
#include "put_event.h"
#include "stack_check.h"

#define ALLOC_WORDS (EVENT_WORDS_MAX - EVENT_DEPTH_MAX)

/* Mostly one to five: a call of memcpy would take longer. */
static inline void copy_words(uint64_t *to, const uint64_t *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		to[i] = from[i];
		__asm__ volatile("" ::: "memory"); /* or the compiler makes it that call */
	}
}

/* Room for an event with the stack of `walk`; *pushed is how many of its innermost frames to write. */
static inline bool make_stack_room(struct thread *thread, const struct unwound *walk,
				   uint32_t *pushed)
{
	uint32_t whole = walk->depth < EVENT_DEPTH_MAX ? walk->depth : EVENT_DEPTH_MAX;

	if (whole < walk->depth)
		thread->fresh = true; /* cut off at the outer end: no delta to the stack before */
	*pushed = thread->fresh ? whole : walk->depth - walk->kept;
	if (!flush_make_room(thread, ALLOC_WORDS + *pushed))
		return false;
	if (!thread->fresh || *pushed == whole)
		return true;
	*pushed = whole; /* the block was full, and in a new one the stack is written whole */
	return flush_make_room(thread, ALLOC_WORDS + whole);
}

/* The stack of the next event. */
static inline __attribute__((always_inline)) struct unwound walk_stack(struct thread *thread,
								       struct unwind_start start)
{
	uint32_t generation = modules_generation;
	struct unwound walk =
		unwind(thread->unwinder, start, modules_unsettled() ? UNWIND_UNCACHED : generation);

	stack_checked(thread->unwinder, start, generation, walk);
	return walk;
}

/* As put_walked, after a handler came between, if the event is still wanted: see must_rewrite. */
bool put_walked_again(struct thread *thread, enum event_kind kind, uint64_t address, uint64_t size,
		      uint32_t domain, unsigned flags, struct unwound walk);

/* An ALLOC or a TRACK with the stack that was just walked; false if it is lost. */
static inline __attribute__((always_inline)) bool put_walked(struct thread *thread,
							     enum event_kind kind, uint64_t address,
							     uint64_t size, uint32_t domain,
							     unsigned flags, struct unwound walk)
{
	uint32_t generation, pushed;
	const uint64_t *addresses = unwind_addresses(thread->unwinder) + walk.depth;
	uint64_t *at;
	bool fresh;

	if (__builtin_expect(modules_pending(), 0))
		modules_flush(); /* the block may be the last thing that is left of the process */
	generation = modules_generation; /* the walk may find that a module has gone */
	if (__builtin_expect(thread->generation != generation, 0))
		thread->fresh = true;
	while (true) {
		if (!make_stack_room(thread, &walk, &pushed)) {
			/* The next walk counts from a stack that is not in the block. */
			thread->fresh = true;
			return false;
		}
		at = put_prologue(thread, generation);
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		fresh = thread->fresh;
		if (!fresh || pushed == walk.depth || walk.depth > EVENT_DEPTH_MAX)
			break;
		flush_begin_block(thread); /* a handler wrote the block meanwhile, see commit */
	}
	if (__builtin_expect(walk.depth > EVENT_DEPTH_MAX, 0))
		at = put_simple(thread, at, EVENT_DEPTH, 0, walk.depth);
	*at++ = event_head(kind, flags | (walk.complete ? 0 : EVENT_INCOMPLETE),
			   fresh ? 0 : walk.kept, pushed);
	*at++ = address;
	*at++ = size;
	if (kind == EVENT_TRACK)
		*at++ = domain;
	if (thread->stamped)
		*at++ = next_stamp(thread);
	copy_words(at, addresses - pushed, pushed);
	/* Before the commit: a handler that flushes from then on makes it fresh again. */
	thread->fresh = walk.depth > EVENT_DEPTH_MAX;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (__builtin_expect(!commit(thread, at + pushed), 0))
		return put_walked_again(thread, kind, address, size, domain, flags, walk);
	if (kind == EVENT_ALLOC) {
		thread->allocations++;
		thread->allocated_bytes += size;
	} else {
		thread->others++;
	}
	return true;
}

#endif
