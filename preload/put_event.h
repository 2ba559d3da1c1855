// SPDX-License-Identifier: MIT
/*
 * How an event gets into a block: words first, then the word that counts them.
 *
 * What has to stand before it in the stream (the first stamp, a generation of modules, the time,
 * whose event it is) is put there first. All of it runs between thread_enter and thread_leave.
 */
#ifndef PRELOAD_PUT_EVENT_H
#define PRELOAD_PUT_EVENT_H

#include <sys/single_threaded.h>

#include "clock.h"
#include "common/event.h"
#include "replace.h"
#include "thread.h"

/* The part of put_prologue that is seldom needed. */
uint64_t *put_prologue_slowly(struct thread *thread, uint64_t *at, uint32_t generation);

/* After a commit that failed: whether the event is to be made once more, else it counts no more. */
bool must_rewrite(struct thread *thread);

/*
 * Makes room and writes the event with all its fields; if it is of a kind with a stack, without
 * that. False: it is lost.
 */
bool put_whole(struct thread *thread, const struct side_event *event);

static inline uint64_t next_stamp(struct thread *thread)
{
	uint64_t stamp = clock_stamp();

	if (stamp < thread->last_stamp)
		stamp = thread->last_stamp;
	thread->last_stamp = stamp;
	return stamp;
}

/* One event without a stack, at `at`; returns the word after it. */
static inline uint64_t *put_simple(struct thread *thread, uint64_t *at, enum event_kind kind,
				   unsigned flags, uint64_t address)
{
	*at++ = event_head(kind, flags, 0, 0);
	if (event_fields(kind))
		*at++ = address;
	if (thread->stamped)
		*at++ = next_stamp(thread);
	return at;
}

static inline bool must_stamp(const struct thread *thread)
{
	return !thread->stamped && (thread->number != 1 || !__libc_single_threaded);
}

/* What has to stand before the next event of the stream, at most PROLOGUE_WORDS; the word after it. */
static inline uint64_t *put_prologue(struct thread *thread, uint32_t generation)
{
	struct journal_slot *slot = thread->block.slot;
	uint64_t from = __atomic_load_n(&slot->committed, __ATOMIC_RELAXED);
	uint64_t *at = slot->words + block_word_count(from);

	thread->write_from = from;
	if (__builtin_expect(--thread->until_time == 0 || thread->generation != generation ||
				     must_stamp(thread) || thread == thread_late,
			     0))
		return put_prologue_slowly(thread, at, generation);
	return at;
}

/* False: a handler came between, see must_rewrite. */
static inline bool commit(struct thread *thread, const uint64_t *end)
{
	struct journal_slot *slot = thread->block.slot;
	uint64_t from = thread->write_from;
	size_t n = (size_t)(end - slot->words) - block_word_count(from);

	return __builtin_expect(replace(&slot->committed, from, from + n), 1);
}

#endif
