// SPDX-License-Identifier: MIT
/*
 * What the program itself wants recorded. Events of the side array that are not written yet follow
 * when the guard is released: nobody can tell them from later ones.
 */
#include "busy.h"
#include "put_alloc.h"
#include "record.h"
#include "record_live.h"
#include "side.h"

static bool track_elsewhere(struct hook hook, uint32_t domain, uint64_t address, size_t size,
			    unsigned flags, struct unwind_start start)
{
	struct lock_held held;

	if (hook.nested)
		return side_add(hook.thread, (struct side_event){.kind = EVENT_TRACK,
								 .flags = (uint8_t)flags,
								 .domain = domain,
								 .address = address,
								 .size = size});
	if (hook.live)
		return record_live_alloc(hook,
					 (struct side_event){.kind = EVENT_TRACK,
							     .flags = (uint8_t)flags,
							     .domain = domain,
							     .address = address,
							     .size = size},
					 start);
	if (!busy_begin_late(&held))
		return false;
	bool done = put_alloc(thread_late, EVENT_TRACK, address, size, domain, flags, start);

	busy_end_late(&held);
	return done;
}

bool record_track(struct hook hook, uint32_t domain, const void *address, size_t size,
		  unsigned flags, struct unwind_start start)
{
	struct thread *thread = hook.thread;

	if (hook.rare || !busy_begin(thread))
		return track_elsewhere(hook, domain, (uintptr_t)address, size, flags, start);
	thread->outer_free = 0;
	bool done = put_alloc(thread, EVENT_TRACK, (uintptr_t)address, size, domain, flags, start);

	busy_end(thread);
	return done;
}

bool record_event(struct hook hook, struct side_event event)
{
	struct thread *thread = hook.thread;
	struct lock_held held;
	bool done = false;

	if (hook.nested)
		return side_add(thread, event);
	if (hook.live)
		return record_live(hook, event);
	if (busy_begin(thread)) {
		thread->outer_free = 0;
		done = put_whole(thread, &event);
		busy_end(thread);
	} else if (busy_begin_late(&held)) {
		done = put_whole(thread_late, &event);
		busy_end_late(&held);
	}
	return done;
}

void record_unmap(struct hook hook, const void *address, size_t size, unsigned flags)
{
	record_event(hook, (struct side_event){.kind = EVENT_UNMAP,
					       .flags = (uint8_t)flags,
					       .address = (uintptr_t)address,
					       .size = size});
}

/* Before what a handler added meanwhile: it takes back the last event of the stream. */
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
