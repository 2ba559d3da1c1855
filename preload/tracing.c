// SPDX-License-Identifier: MIT
/*
 * Start: the stream says so first, then the mode lets threads in. Stop: the mode keeps threads out,
 * those that are inside come to an end, then the stream says so. An event that still comes after
 * that, from a hook which a handler interrupted to stop, is ignored by readers.
 */
#include "tracing.h"

#include <errno.h>

#include "busy.h"
#include "common/event.h"
#include "flush.h"
#include "live_table.h"
#include "modules.h"
#include "process.h"
#include "record.h"
#include "remote.h"

/* What comes of a hook that is entered although nothing is recorded. */
static int put(uintptr_t frame, struct side_event event)
{
	struct hook hook = thread_enter_paused(frame);
	bool done = hook.thread && record_paused(hook, event);

	thread_leave_paused(hook);
	return done ? 0 : -ENOMEM;
}

static int start(uint64_t limit, bool live, uintptr_t frame)
{
	uint64_t before = recording.limit;
	int result;

	if (epoch->mode != MODE_PAUSED)
		return 0;
	if (recording.closed)
		return -EAGAIN;
	result = process_open_trace(limit);
	if (result == 0) {
		modules_check(); /* libraries may have come and gone */
		result = put(frame, (struct side_event){.kind = EVENT_START, .address = limit});
	}
	recording.limit = result < 0 ? before : limit;
	if (result < 0)
		return result;
	recording.live = live || recording.live_always;
	if (recording.live)
		live_start();
	recording.wanted = true;
	epoch->mode = process_recording_mode();
	remote_tell();
	return 0;
}

int tracing_start(uint64_t limit, bool live, uintptr_t frame)
{
	struct lock_held held;
	int result;

	if (epoch->mode == MODE_WIPED)
		process_wiped();
	if (epoch->mode == MODE_OFF || !recording.started)
		return -ENOSYS;
	if (epoch->mode == MODE_WIPED)
		return -EAGAIN; /* another thread of the child is just noticing */
	if (epoch->mode != MODE_PAUSED)
		return 0;
	if (process_is_vfork_child())
		return -ENOTSUP;
	held = lock_take(&epoch->finish);
	result = start(limit, live, frame);
	lock_give(&held);
	return result;
}

static int stop(uintptr_t frame)
{
	int result;

	recording.wanted = false;
	if (!mode_takes_events(epoch->mode))
		return 0;
	epoch->mode = MODE_PAUSED;
	remote_tell();
	bool quiet = busy_quiesce();

	result = put(frame, (struct side_event){.kind = EVENT_CLEAR, .flags = EVENT_STOP});
	if (recording.live)
		live_stop(quiet);
	if (quiet && !recording.closed) {
		thread_each(flush_block);
		flush_late();
	}
	return result;
}

int tracing_stop(uintptr_t frame)
{
	struct lock_held held;
	int result;

	if (epoch->mode == MODE_WIPED) {
		recording.wanted = false; /* before it makes a trace of its own */
		process_wiped();
	}
	if (epoch->mode == MODE_OFF || !recording.started)
		return 0;
	if (process_is_vfork_child())
		return -ENOTSUP;
	held = lock_take(&epoch->finish);
	result = stop(frame);
	lock_give(&held);
	return result;
}
