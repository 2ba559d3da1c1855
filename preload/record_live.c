// SPDX-License-Identifier: MIT
/*
 * An event that could not be written is in the table all the same: one does not need the other.
 */
#include "record_live.h"

#include "busy.h"
#include "live_table.h"
#include "put_alloc.h"
#include "record.h"

/* The thread in whose stream the event goes; NULL if it goes nowhere. */
static struct thread *begin(struct hook hook, struct lock_held *held)
{
	held->lock = NULL;
	if (busy_begin(hook.thread))
		return hook.thread;
	return busy_begin_late(held) ? thread_late : NULL;
}

static void end(struct thread *thread, struct lock_held *held)
{
	if (held->lock)
		busy_end_late(held);
	else
		busy_end(thread);
}

/* What the side array has stands before the event, as far as it can. */
static void begin_event(struct thread *thread, const struct side_event *event)
{
	bool is_free = event->kind == EVENT_FREE;

	if (thread == thread_late)
		return;
	if (event->kind == EVENT_ALLOC && !(event->flags & EVENT_RESIZE))
		thread->outer_free = 0;
	if (thread->n_side && (is_free || event->kind == EVENT_ALLOC))
		record_side_into(thread, thread, is_free ? 0 : event->address);
	if (event->kind > EVENT_UNDO)
		thread->outer_free = 0;
	if (is_free)
		thread->outer_free = event->address;
}

bool record_live_alloc(struct hook hook, struct side_event event, struct unwind_start start)
{
	struct lock_held held;
	struct thread *thread = begin(hook, &held);

	if (!thread)
		return false;
	begin_event(thread, &event);
	struct unwound walk = walk_stack(thread, start);
	uint32_t stack = live_stack(thread, walk);
	bool done = put_walked(thread, event.kind, event.address, event.size, event.domain,
			       event.flags, walk);

	live_change(thread, &event, stack);
	end(thread, &held);
	return done;
}

bool record_live(struct hook hook, struct side_event event)
{
	struct lock_held held;
	struct thread *thread = begin(hook, &held);

	if (!thread)
		return false;
	begin_event(thread, &event);
	bool done = put_whole(thread, &event);

	if (event.kind == EVENT_FREE)
		thread->frees += done;
	if (event.kind == EVENT_UNDO && event.size)
		thread->frees -= done;
	live_change(thread, &event, 0);
	end(thread, &held);
	return done;
}
