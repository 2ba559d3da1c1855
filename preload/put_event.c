// SPDX-License-Identifier: MIT
/*
 * What stands before some events, and what becomes of one that cannot be committed.
 */
#include "put_event.h"

#include "flush.h"
#include "modules.h"
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

uint64_t *put_prologue_slowly(struct thread *thread, uint64_t *at, uint32_t generation)
{
	if (must_stamp(thread)) {
		/* One way: from now on every event of this stream has a stamp. */
		thread->stamped = true;
		at = put_simple(thread, at, EVENT_CLOCK_ON, 0, 0);
	}
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
 * A handler that interrupted the writing tried to exec, and that wrote the block; or it forked; or
 * it stopped the recording, and then the event is one of those that are not wanted any more.
 */
void lose_event(struct thread *thread)
{
	if (epoch->mode == MODE_WIPED)
		return;
	flush_begin_block(thread);
	if (epoch->mode != MODE_PAUSED)
		writer_lost(LOSS_SIDE_ARRAY, 1);
}

static void count(struct thread *thread, const struct side_event *event)
{
	if (event->kind == EVENT_ALLOC) {
		thread->allocations++;
		thread->allocated_bytes += event->size;
	} else if (event->kind == EVENT_FREE) {
		thread->frees++;
	} else if (event->kind == EVENT_UNDO && event->size) {
		thread->frees--;
		thread->others += 2;
	} else {
		thread->others += event_counts(event->kind);
	}
}

bool put_whole(struct thread *thread, const struct side_event *event)
{
	unsigned fields = event_fields(event->kind);
	uint64_t *at;

	if (!flush_make_room(thread, WHOLE_WORDS))
		return false;
	if (event->kind == EVENT_MARK)
		thread->until_time = 1; /* read the clock: marks are found by their time as well */
	at = put_prologue(thread, modules_generation);
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
	if (!commit(thread, at))
		return false;
	if (fields & FIELD_STACK)
		thread->fresh = true; /* the next stack is written whole */
	count(thread, event);
	return true;
}
