// SPDX-License-Identifier: MIT
/*
 * What a hook that holds the guard collects for later.
 */
#include "side.h"

#include "common/event.h"

bool side_add(struct thread *thread, struct side_event event)
{
	int place = thread->n_side - 1;

	/* The same call once more, by an allocator that calls itself inside a nested hook. */
	if (place >= 0 && place < SIDE_MAX && event.kind <= EVENT_FREE &&
	    thread->side[place].kind == event.kind &&
	    thread->side[place].address == event.address) {
		thread->side[place] = event;
		return true;
	}
	place = __atomic_fetch_add(&thread->n_side, 1, __ATOMIC_RELAXED);
	if (place >= SIDE_MAX)
		return false;
	thread->side[place] = event;
	return true;
}

/* Whether `event` takes or gives back the block of the heap at `address`. */
static bool is_of(const struct side_event *event, uint64_t address)
{
	return event->kind <= EVENT_FREE && event->address == address;
}

bool side_is_echo(const struct thread *thread, int i, int n, uint64_t result)
{
	const struct side_event *event = &thread->side[i];

	if (event->kind == EVENT_FREE) {
		for (int before = 0; before < i; before++)
			if (is_of(&thread->side[before], event->address))
				return false; /* a handler got it anew and gave it back */
		return event->address == thread->outer_free;
	}
	if (event->kind != EVENT_ALLOC || event->address != result || !result)
		return false;
	for (int later = i + 1; later < n; later++)
		if (is_of(&thread->side[later], result))
			return false;
	return true;
}
