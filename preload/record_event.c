// SPDX-License-Identifier: MIT
/*
 * The way of an event that may go anywhere: into the side array, the thread's own block or the late
 * stream, and where the live table is kept into that as well, also if it could not be written: one
 * does not need the other. record.c has shorter ways for most allocations and frees.
 */
#include "busy.h"
#include "live_table.h"
#include "process.h"
#include "put_alloc.h"
#include "record.h"
#include "side.h"

/* The thread in whose stream the event goes; NULL if it goes nowhere. */
static struct thread *begin(struct thread *thread, struct lock_held *held)
{
	held->lock = NULL;
	if (busy_begin(thread))
		return thread;
	return busy_begin_late(held) ? thread_late : NULL;
}

static void end(struct thread *thread, struct lock_held *held)
{
	if (held->lock)
		busy_end_late(held);
	else
		busy_end(thread);
}

/*
 * What the side array has stands before an allocation or a free. It must not before an UNDO, which
 * takes back the last event of the stream. What the program itself wants recorded nobody can tell
 * from what comes later: there it follows when the guard is released.
 */
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

/* Without `start` the event has no stack. */
static bool record(struct hook hook, const struct side_event *event,
		   const struct unwind_start *start)
{
	struct lock_held held;
	struct thread *thread;
	uint32_t stack = STACK_NONE;
	bool done;

	if (hook.nested)
		return side_add(hook.thread, *event);
	thread = begin(hook.thread, &held);
	if (!thread)
		return false;
	begin_event(thread, event);
	if (start) {
		struct unwound walk = walk_stack(thread, *start);

		stack = recording.live ? live_stack(thread, walk) : STACK_NONE;
		done = put_walked(thread, event->kind, event->address, event->size, event->domain,
				  event->flags, walk);
	} else {
		done = put_whole(thread, event);
	}
	if (recording.live)
		live_change(thread, event, stack);
	end(thread, &held);
	return done;
}

bool record_stack_event(struct hook hook, struct side_event event, struct unwind_start start)
{
	return record(hook, &event, &start);
}

bool record_event(struct hook hook, struct side_event event)
{
	return record(hook, &event, NULL);
}

void record_side(struct thread *thread)
{
	struct lock_held held;
	struct thread *into = begin(thread, &held);

	if (!into) {
		thread->n_side = 0;
		return;
	}
	record_side_into(thread, into, 0);
	end(into, &held);
}

bool record_track(struct hook hook, uint32_t domain, const void *address, size_t size,
		  unsigned flags, struct unwind_start start)
{
	return record_stack_event(hook,
				  (struct side_event){.kind = EVENT_TRACK,
						      .flags = (uint8_t)flags,
						      .domain = domain,
						      .address = (uintptr_t)address,
						      .size = size},
				  start);
}

void record_undo(struct hook hook)
{
	record_event(hook, (struct side_event){.kind = EVENT_UNDO, .size = 1});
}

bool record_unmap(struct hook hook, const void *address, size_t size, unsigned flags)
{
	return record_event(hook, (struct side_event){.kind = EVENT_UNMAP,
						      .flags = (uint8_t)flags,
						      .address = (uintptr_t)address,
						      .size = size});
}

void record_undo_unmap(struct hook hook)
{
	record_event(hook, (struct side_event){.kind = EVENT_UNDO});
}

bool record_paused(struct hook hook, struct side_event event)
{
	struct lock_held held;

	if (hook.thread != thread_late)
		return put_whole(hook.thread, &event);
	held = lock_take(&epoch->late);
	bool done = put_whole(thread_late, &event);

	busy_end_late(&held);
	return done;
}

void record_fork(struct thread *thread, uint64_t parent_pid)
{
	put_whole(thread, &(struct side_event){.kind = EVENT_FORK, .address = parent_pid});
}
