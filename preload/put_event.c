// SPDX-License-Identifier: MIT
/*
 * What stands before some events, and what becomes of one that cannot be committed.
 */
#include "put_event.h"

#include "flush.h"

#define EVENTS_PER_CLOCK 16

static uint64_t *put_time(struct thread *thread, uint64_t *at)
{
	uint64_t now = clock_coarse();

	thread->until_time = EVENTS_PER_CLOCK;
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

/* A handler that interrupted the writing tried to exec, and that wrote the block; or it forked. */
void lose_event(struct thread *thread)
{
	if (epoch->mode == MODE_WIPED)
		return;
	flush_begin_block(thread);
	writer_lost(LOSS_SIDE_ARRAY, 1);
}
