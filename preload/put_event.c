// SPDX-License-Identifier: MIT
/*
 * What stands before some events, and what becomes of one that cannot be committed.
 */
#include "put_alloc.h"
#include "remote.h"

#define EVENTS_PER_CLOCK 16
#define WHOLE_WORDS 5 /* head, address, size, domain, stamp */

static uint64_t *put_time(struct thread *thread, uint64_t *at)
{
	uint64_t now = clock_coarse();

	thread->until_time = EVENTS_PER_CLOCK;
	if (remote_is_asked())
		thread->asked = 1;
	if (now == thread->last_time_ns && !thread->fresh)
		return at;
	thread->last_time_ns = now;
	return put_simple(thread, at, EVENT_TIME, 0, now);
}

static uint64_t *put_generation(struct thread *thread, uint64_t *at, uint32_t generation)
{
	thread->generation = generation;
	thread->fresh = true;
	return put_simple(thread, at, EVENT_MODULES, 0, thread->generation);
}

/*
 * One way: from now on every event of this stream has a stamp. Committed by itself, since what a
 * handler writes from here on is stamped too.
 */
static uint64_t *turn_clock_on(struct thread *thread, uint64_t *at)
{
	struct journal_slot *slot = thread->block.slot;
	uint64_t signals;

	sys_block_signals(&signals);
	if (slot->committed == thread->write_from) { /* else it is all made once more */
		uint64_t *from = at;

		thread->stamped = true;
		at = put_simple(thread, at, EVENT_CLOCK_ON, 0, 0);
		thread->write_from += (uint64_t)(at - from);
		__atomic_store_n(&slot->committed, thread->write_from, __ATOMIC_RELEASE);
	}
	sys_restore_signals(&signals);
	return at;
}

uint64_t *put_prologue_slowly(struct thread *thread, uint64_t *at, uint32_t generation)
{
	if (must_stamp(thread))
		at = turn_clock_on(thread, at);
	if (thread->generation != generation)
		at = put_generation(thread, at, generation);
	if (thread->until_time == 0)
		at = put_time(thread, at);
	if (thread == thread_late && thread->late_number != thread_number()) {
		thread->late_number = thread_number();
		at = put_simple(thread, at, EVENT_THREAD, 0, thread->late_number);
	}
	return at;
}

/*
 * A handler that interrupted the writing tried to exec, or stopped the recording and began it again,
 * and that wrote the block. Or it only stopped it: then the event is one of those that are not
 * wanted any more. Or it forked, and this is the child: the event was its parent's.
 */
bool must_rewrite(struct thread *thread)
{
	if (epoch->mode == MODE_WIPED || thread_is_dropped(thread))
		return false;
	flush_begin_block(thread);
	return mode_takes_events(epoch->mode);
}

/* Returns the word after it. */
static uint64_t *put_fields(struct thread *thread, const struct side_event *event, unsigned fields)
{
	uint64_t *at = put_prologue(thread, modules_generation);

	*at++ = event_head(event->kind, event->flags | (fields & FIELD_STACK ? EVENT_NO_STACK : 0),
			   0, 0);
	if (fields & (FIELD_ADDRESS | FIELD_VALUE))
		*at++ = event->address;
	if (fields & FIELD_SIZE)
		*at++ = event->size;
	if (fields & FIELD_DOMAIN)
		*at++ = event->domain;
	if (thread->stamped)
		*at++ = next_stamp(thread);
	return at;
}

static void count(struct thread *thread, const struct side_event *event)
{
	if (event->kind == EVENT_ALLOC) {
		thread->allocations++;
		thread->allocated_bytes += event->size;
	} else if (event->kind == EVENT_FREE) {
		thread->frees++;
	} else if (event->kind == EVENT_UNDO && event->size) { /* of a free */
		thread->frees--;
		thread->others += 2;
	} else {
		thread->others += event_counts(event->kind);
	}
}

bool put_whole(struct thread *thread, const struct side_event *event)
{
	unsigned fields = event_fields(event->kind);
	bool done;

	do {
		if (!flush_make_room(thread, WHOLE_WORDS))
			return false;
		if (event->kind == EVENT_MARK)
			thread->until_time = 1; /* the clock is read: marks have a time */
		done = commit(thread, put_fields(thread, event, fields));
	} while (!done && must_rewrite(thread));
	if (!done)
		return false;
	if (fields & FIELD_STACK)
		thread->fresh = true; /* the next stack is written whole */
	count(thread, event);
	return true;
}

bool put_walked_again(struct thread *thread, enum event_kind kind, uint64_t address, uint64_t size,
		      uint32_t domain, unsigned flags, struct unwound walk)
{
	return must_rewrite(thread) && put_walked(thread, kind, address, size, domain, flags, walk);
}
