// SPDX-License-Identifier: MIT
/*
 * A snapshot's traces, and what has been asked of its stacks so far.
 */
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "intern.h"

struct snapshot_private {
	struct snapshot_stacks stacks;
	/* By stack number, INTERN_NONE: not asked; allocated when first asked. */
	uint32_t *tracebacks;
	uint32_t *firsts;
	bool show_allocators;
	char *moment;
};

struct snapshot *snapshot_new(struct frames *frames, const struct snapshot_stacks *stacks,
			      const char *moment)
{
	struct snapshot *snapshot = xcalloc(1, sizeof *snapshot);

	snapshot->frames = frames;
	snapshot->private = xcalloc(1, sizeof *snapshot->private);
	snapshot->private->stacks = *stacks;
	snapshot->private->moment = xstrdup(moment);
	snapshot->moment = snapshot->private->moment;
	return snapshot;
}

void snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	struct snapshot_private *private = snapshot->private;

	if (private->stacks.release)
	private->stacks.release(private->stacks.arg);
	free(private->tracebacks);
	free(private->firsts);
	free(private->moment);
	free(private);
	free(snapshot->traces);
	free(snapshot);
}

size_t snapshot_stacks(const struct snapshot *snapshot)
{
	return snapshot->private->stacks.n;
}

static uint32_t *new_memo(size_t n)
{
	uint32_t *memo = xreallocarray(NULL, n, sizeof *memo);

	memset(memo, 0xff, n * sizeof *memo);
	return memo;
}

uint32_t snapshot_traceback(struct snapshot *snapshot, uint32_t stack)
{
	struct snapshot_private *private = snapshot->private;

	if (!private->tracebacks)
	private->tracebacks = new_memo(private->stacks.n);
	if (private->tracebacks[stack] == INTERN_NONE)
	private->tracebacks[stack] = private->stacks.traceback(private->stacks.arg, stack);
	return private->tracebacks[stack];
}

uint32_t snapshot_first_frame(struct snapshot *snapshot, uint32_t stack)
{
	struct snapshot_private *private = snapshot->private;

	if (!private->firsts)
	private->firsts = new_memo(private->stacks.n);
	if (private->firsts[stack] == INTERN_NONE)
	private->firsts[stack] =
		private->stacks.first(private->stacks.arg, stack, private->show_allocators);
	return private->firsts[stack];
}

size_t snapshot_hidden_frames(struct snapshot *snapshot, uint32_t stack)
{
	size_t n, hidden = 0;
	const uint32_t *ids =
		frames_traceback_get(snapshot->frames, snapshot_traceback(snapshot, stack), &n);

	if (snapshot->private->show_allocators)
		return 0;
	while (hidden < n && frames_get(snapshot->frames, ids[hidden])->allocator)
		hidden++;
	return hidden < n ? hidden : 0;
}

void snapshot_show_allocators(struct snapshot *snapshot, bool show)
{
	free(snapshot->private->firsts);
	snapshot->private->firsts = NULL;
	snapshot->private->show_allocators = show;
}

const char *snapshot_thread_name(const struct snapshot *snapshot, uint32_t thread)
{
	const struct snapshot_stacks *stacks = &snapshot->private->stacks;

	return stacks->thread_name ? stacks->thread_name(stacks->arg, thread) : "";
}

void snapshot_keep(struct snapshot *snapshot,
		   bool (*keep)(struct snapshot *, const struct snapshot_trace *, void *arg),
		   void *arg)
{
	size_t kept = 0;
	uint64_t size = 0;

	for (size_t i = 0; i < snapshot->n_traces; i++) {
		const struct snapshot_trace trace = snapshot->traces[i];

		if (!keep(snapshot, &trace, arg))
			continue;
		snapshot->traces[kept++] = trace;
		size += trace.size;
	}
	snapshot->n_traces = kept;
	snapshot->size = size;
}
