// SPDX-License-Identifier: MIT
/*
 * What a hook that holds the guard collects for later.
 */
#include "side.h"

#include "common/event.h"

void side_add(struct thread *thread, struct side_event event)
{
	int place = thread->n_side - 1;

	/* The same call once more, by an allocator that calls itself inside a nested hook. */
	if (place >= 0 && place < SIDE_MAX && event.kind != EVENT_UNDO &&
	    thread->side[place].kind == event.kind &&
	    thread->side[place].address == event.address) {
		thread->side[place] = event;
		return;
	}
	place = __atomic_fetch_add(&thread->n_side, 1, __ATOMIC_RELAXED);
	if (place < SIDE_MAX)
		thread->side[place] = event;
}

bool side_is_echo(const struct thread *thread, int i, int n, uint64_t result)
{
	const struct side_event *event = &thread->side[i];

	if (event->kind == EVENT_FREE) {
		for (int before = 0; before < i; before++)
			if (thread->side[before].address == event->address)
				return false; /* a handler got it anew and gave it back */
		return event->address == thread->outer_free;
	}
	if (event->kind != EVENT_ALLOC || event->address != result || !result)
		return false;
	for (int later = i + 1; later < n; later++)
		if (thread->side[later].address == result)
			return false;
	return true;
}
