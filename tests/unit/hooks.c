// SPDX-License-Identifier: MIT
#include "tests/unit/hooks.h"

#include "common/event.h"
#include "preload/clock.h"
#include "preload/flush.h"
#include "preload/totals.h"

void renew_recorder(void)
{
	static bool started;

	if (!started) {
		thread_start();
		clock_start();
		started = true;
	}
	writer_forked();
	thread_detach();
}

__attribute__((noinline)) void allocate(uintptr_t address, size_t size)
{
	struct hook hook = ENTER();

	record_alloc(hook, (void *)address, size, 0, UNWIND_START());
	thread_leave(hook);
}

void release(uintptr_t address)
{
	struct hook hook = ENTER();

	record_free(hook, (void *)address, 0);
	thread_leave(hook);
}

__attribute__((noinline)) void map(uintptr_t address, size_t size, unsigned flags)
{
	struct hook hook = ENTER();

	record_track(hook, DOMAIN_MAPPED, (void *)address, size, flags, UNWIND_START());
	thread_leave(hook);
}

void unmap_in_vain(uintptr_t address, size_t size)
{
	struct hook hook = ENTER();

	record_unmap(hook, (void *)address, size, EVENT_RESIZE);
	record_undo_unmap(hook);
	thread_leave(hook);
}

void stop_recording(void)
{
	struct closing closing = {.ended_by = ENDED_BY_STOP};

	epoch->mode = MODE_LATE;
	thread_each(flush_block);
	flush_late();
	totals_sum(&closing);
	writer_close(&closing);
	epoch->mode = MODE_OFF;
}
