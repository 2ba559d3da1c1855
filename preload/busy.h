// SPDX-License-Identifier: MIT
/*
 * `busy` and the mode are a handshake: a recording thread sets busy and then looks at the mode, who
 * ends or stops the recording sets the mode, issues membarrier and waits for busy.
 */
#ifndef PRELOAD_BUSY_H
#define PRELOAD_BUSY_H

#include "flush.h"
#include "thread.h"

/*
 * The recording is over: waits until no other thread is inside a block, mostly a few microseconds.
 * False if one still is after 200 ms. The lock `finish` is held.
 */
bool busy_quiesce(void);

static inline __attribute__((always_inline)) bool busy_try(struct thread *thread, bool also_live)
{
	if (__builtin_expect(thread == thread_late, 0))
		return false;
	thread->busy = 1;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	int mode = epoch->mode;

	if (__builtin_expect(mode == MODE_RECORDING, 1) || (also_live && mode == MODE_LIVE))
		return true;
	thread->busy = 0;
	return false;
}

/* True: an event goes into the thread's own block, under its own guard. */
static inline bool busy_begin(struct thread *thread)
{
	return busy_try(thread, true);
}

/* Only if it goes nowhere else: where the live table is kept, that is another place. */
static inline bool busy_begin_plain(struct thread *thread)
{
	return busy_try(thread, false);
}

/*
 * If busy_begin does not: it goes into the late stream, under its lock, which is taken; or nowhere (false), if a
 * handler forked: what it interrupted is the parent's.
 */
static inline bool busy_begin_late(struct lock_held *held)
{
	if (!mode_takes_events(epoch->mode))
		return false;
	*held = lock_take(&epoch->late);
	if (mode_takes_events(epoch->mode))
		return true;
	lock_give(held); /* it was stopped meanwhile */
	return false;
}

static inline void busy_end_late(struct lock_held *held)
{
	if (__builtin_expect(thread_late->block.copy_at != 0, 0))
		flush_late_copy();
	lock_give(held);
}

static inline void busy_end(struct thread *thread)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	thread->busy = 0;
}

#endif
