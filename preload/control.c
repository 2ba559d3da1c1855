// SPDX-License-Identifier: MIT
/*
 * The functions of tmtrace.h, which says what they promise.
 */
#include <string.h>

#define TMTRACE_LIBRARY
#include "block.h"
#include "common/event.h"
#include "labels.h"
#include "live_table.h"
#include "memory.h"
#include "process.h"
#include "real.h"
#include "record.h"
#include "tmtrace.h"
#include "tracing.h"

#define NFRAME_MAX 65535
#define FIRST_DOMAIN 2 /* those before are the library's own */
#define FRAME ((uintptr_t)__builtin_frame_address(0))

EXPORT int tmtrace_start(unsigned nframe)
{
	bool live = nframe & TMTRACE_LIVE;

	nframe &= ~TMTRACE_LIVE;
	if (nframe < 1 || nframe > NFRAME_MAX)
		return EINVAL;
	return -tracing_start(nframe, live, FRAME);
}

EXPORT int tmtrace_stop(void)
{
	return -tracing_stop(FRAME);
}

EXPORT int tmtrace_is_tracing(void)
{
	return process_is_recording();
}

EXPORT int tmtrace_get_traceback_limit(unsigned *nframe)
{
	*nframe = (unsigned)recording.limit;
	return 0;
}

/* Why the hook did not record. */
static int why_not(void)
{
	return process_is_recording() ? EAGAIN : ESRCH;
}

static int put(uintptr_t frame, struct side_event event)
{
	struct hook hook = process_is_recording() ? thread_enter(frame) : (struct hook){0};
	bool done = hook.thread && record_event(hook, event);

	thread_leave(hook);
	return done ? 0 : why_not();
}

EXPORT int tmtrace_clear_traces(void)
{
	int error = put(FRAME, (struct side_event){.kind = EVENT_CLEAR});

	return error == ESRCH ? 0 : error;
}

EXPORT int tmtrace_reset_peak(void)
{
	int error = put(FRAME, (struct side_event){.kind = EVENT_RESET_PEAK});

	return error == ESRCH ? 0 : error;
}

/* The size of the name, 0 if it is none. */
static size_t name_size(const char *name)
{
	size_t size = name ? strnlen(name, LABEL_MOST + 1) : 0;

	return size <= LABEL_MOST ? size : 0;
}

/* The hook first: it gives a forked child a trace of its own for the name. */
static int put_mark(struct hook hook, const char *name, size_t size)
{
	struct side_event event = {.kind = EVENT_MARK};
	int error;

	if (!hook.thread)
		return why_not();
	error = -labels_find_mark(name, size, &event.address);
	if (error)
		return error;
	return record_event(hook, event) ? 0 : why_not();
}

EXPORT int tmtrace_take_snapshot(const char *name)
{
	size_t size = name_size(name);

	if (!size)
		return EINVAL;
	if (!process_is_recording())
		return ESRCH;
	struct hook hook = thread_enter(FRAME);
	int error = put_mark(hook, name, size);

	thread_leave(hook);
	return error;
}

EXPORT int tmtrace_track(uint32_t domain, uintptr_t address, size_t size)
{
	if (domain < FIRST_DOMAIN)
		return EINVAL;
	if (!process_is_recording())
		return ESRCH;
	struct hook hook = thread_enter(FRAME);
	bool done = hook.thread &&
		    record_track(hook, domain, (const void *)address, size, 0, UNWIND_START());

	thread_leave(hook);
	return done ? 0 : why_not();
}

EXPORT int tmtrace_untrack(uint32_t domain, uintptr_t address)
{
	if (domain < FIRST_DOMAIN)
		return EINVAL;
	return put(FRAME, (struct side_event){
				  .kind = EVENT_UNTRACK, .domain = domain, .address = address});
}

EXPORT int tmtrace_name_domain(uint32_t domain, const char *name)
{
	size_t size = name_size(name);

	if (domain < FIRST_DOMAIN || !size)
		return EINVAL;
	return -labels_name_domain(domain, name, size);
}

EXPORT int tmtrace_get_tracer_memory(size_t *bytes)
{
	*bytes = memory_mapped() + blocks_size();
	return 0;
}

/* A forked child may ask before it has noticed that it is one. */
static bool has_table(void)
{
	if (recording.live && epoch->mode == MODE_WIPED)
		live_forked();
	return recording.live;
}

EXPORT int tmtrace_get_traced_memory(size_t *current, size_t *peak)
{
	*current = *peak = 0;
	if (!has_table())
		return ENOTSUP;
	return process_is_recording() ? -live_memory(current, peak) : 0;
}

EXPORT int tmtrace_get_object_traceback(uintptr_t address, uintptr_t *frames, unsigned capacity,
					unsigned *nframe)
{
	uint64_t limit = recording.limit;

	*nframe = 0;
	if (!has_table())
		return ENOTSUP;
	if (!process_is_recording())
		return ENOENT;
	return -live_find(address, frames, limit && limit < capacity ? (unsigned)limit : capacity,
			  nframe);
}

EXPORT const struct tmtrace_functions tmtrace_functions = {
	.size = sizeof tmtrace_functions,
	.start = tmtrace_start,
	.stop = tmtrace_stop,
	.is_tracing = tmtrace_is_tracing,
	.get_traceback_limit = tmtrace_get_traceback_limit,
	.clear_traces = tmtrace_clear_traces,
	.take_snapshot = tmtrace_take_snapshot,
	.track = tmtrace_track,
	.untrack = tmtrace_untrack,
	.name_domain = tmtrace_name_domain,
	.get_tracer_memory = tmtrace_get_tracer_memory,
	.get_traced_memory = tmtrace_get_traced_memory,
	.reset_peak = tmtrace_reset_peak,
	.get_object_traceback = tmtrace_get_object_traceback,
};
