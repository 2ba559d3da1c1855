// SPDX-License-Identifier: MIT
/*
 * How much lives and lived at most: two words that change as one, so that the peak is the largest
 * of all sums there ever were, also where the peak is set back between them.
 */
#ifndef PRELOAD_LIVE_TOTAL_H
#define PRELOAD_LIVE_TOTAL_H

#include <stdbool.h>
#include <stdint.h>

struct live_total {
	int64_t current, peak;
} __attribute__((aligned(16)));

/* Stores `new` if *total is *old; else *old is what it was. */
static inline bool total_replace(struct live_total *total, struct live_total *old,
				 struct live_total new)
{
	bool replaced;

	__asm__ volatile("lock cmpxchg16b %[total]"
			 : "=@ccz"(replaced), [total] "+m"(*total), "+a"(old->current),
			   "+d"(old->peak)
			 : "b"(new.current), "c"(new.peak)
			 : "memory");
	return replaced;
}

/* Both words as they were at one moment. */
static inline struct live_total total_read(struct live_total *total)
{
	struct live_total old = {0, 0};

	total_replace(total, &old, old);
	return old;
}

static inline void total_add(struct live_total *total, int64_t size)
{
	struct live_total old = {.current = __atomic_load_n(&total->current, __ATOMIC_RELAXED),
				 .peak = __atomic_load_n(&total->peak, __ATOMIC_RELAXED)};
	struct live_total new;

	do {
		new.current = old.current + size;
		new.peak = new.current > old.peak ? new.current : old.peak;
	} while (!total_replace(total, &old, new));
}

static inline void total_clear(struct live_total *total)
{
	struct live_total old = total_read(total);

	while (!total_replace(total, &old, (struct live_total){0, 0}))
		;
}

static inline void total_reset_peak(struct live_total *total)
{
	struct live_total old = total_read(total);

	while (!total_replace(total, &old, (struct live_total){old.current, old.current}))
		;
}

#endif
