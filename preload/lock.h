// SPDX-License-Identifier: MIT
/*
 * A lock word for the rare paths. Lives in the epoch page (process.h), so that a forked child finds
 * it open; the holder has all signals blocked, so that no handler meets a lock of its own thread.
 */
#ifndef PRELOAD_LOCK_H
#define PRELOAD_LOCK_H

#include "sys.h"

struct lock {
	int word; /* 0 open, 1 held, 2 held and waited for */
};

struct lock_held {
	struct lock *lock;
	uint64_t signals;
};

static inline struct lock_held lock_take(struct lock *lock)
{
	struct lock_held held = {.lock = lock};
	int open = 0;

	sys_block_signals(&held.signals);
	if (__atomic_compare_exchange_n(&lock->word, &open, 1, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED))
		return held;
	while (__atomic_exchange_n(&lock->word, 2, __ATOMIC_ACQUIRE))
		sys_futex_wait(&lock->word, 2);
	return held;
}

static inline void lock_give(struct lock_held *held)
{
	if (__atomic_exchange_n(&held->lock->word, 0, __ATOMIC_RELEASE) == 2)
		sys_futex_wake(&held->lock->word);
	sys_restore_signals(&held->signals);
}

#endif
