// SPDX-License-Identifier: MIT
/*
 * A snapshot's traces, and what has been asked of its stacks so far.
 */
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "domains.h"
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
	snapshot->inner = xcalloc(1, sizeof *snapshot->inner);
	snapshot->inner->stacks = *stacks;
	snapshot->inner->moment = xstrdup(moment);
	snapshot->moment = snapshot->inner->moment;
	return snapshot;
}

void snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	struct snapshot_private *inner = snapshot->inner;

	if (inner->stacks.release)
		inner->stacks.release(inner->stacks.arg);
	free(inner->tracebacks);
	free(inner->firsts);
	free(inner->moment);
	free(inner);
	free(snapshot->traces);
	free(snapshot);
}

size_t snapshot_stacks(const struct snapshot *snapshot)
{
	return snapshot->inner->stacks.n;
}

static uint32_t *new_memo(size_t n)
{
	uint32_t *memo = xreallocarray(NULL, n, sizeof *memo);

	memset(memo, 0xff, n * sizeof *memo);
	return memo;
}

uint32_t snapshot_traceback(struct snapshot *snapshot, uint32_t stack)
{
	struct snapshot_private *inner = snapshot->inner;

	if (!inner->tracebacks)
		inner->tracebacks = new_memo(inner->stacks.n);
	if (inner->tracebacks[stack] == INTERN_NONE)
		inner->tracebacks[stack] = inner->stacks.traceback(inner->stacks.arg, stack);
	return inner->tracebacks[stack];
}

uint32_t snapshot_first_frame(struct snapshot *snapshot, uint32_t stack)
{
	struct snapshot_private *inner = snapshot->inner;

	if (!inner->firsts)
		inner->firsts = new_memo(inner->stacks.n);
	if (inner->firsts[stack] == INTERN_NONE)
		inner->firsts[stack] =
			inner->stacks.first(inner->stacks.arg, stack, inner->show_allocators);
	return inner->firsts[stack];
}

size_t snapshot_hidden_frames(struct snapshot *snapshot, uint32_t stack)
{
	size_t n, hidden = 0;
	const uint32_t *ids =
		frames_traceback_get(snapshot->frames, snapshot_traceback(snapshot, stack), &n);

	if (snapshot->inner->show_allocators)
		return 0;
	while (hidden < n && frames_get(snapshot->frames, ids[hidden])->allocator)
		hidden++;
	return hidden < n ? hidden : 0;
}

void snapshot_each_frame(struct snapshot *snapshot, const bool *stacks,
			 void (*visit)(void *arg, uint32_t frame), void *arg)
{
	const struct snapshot_stacks *source = &snapshot->inner->stacks;

	if (source->each_frame) {
		source->each_frame(source->arg, stacks, visit, arg);
		return;
	}
	for (size_t stack = 0; stack < source->n; stack++) {
		size_t n = 0;
		const uint32_t *ids = NULL;

		if (stacks[stack])
			ids = frames_traceback_get(snapshot->frames,
						   snapshot_traceback(snapshot, (uint32_t)stack),
						   &n);
		for (size_t i = 0; i < n; i++)
			visit(arg, ids[i]);
	}
}

void snapshot_expect(struct snapshot *snapshot, const bool *stacks, bool tracebacks)
{
	const struct snapshot_private *inner = snapshot->inner;
	bool *of_traces = NULL;

	if (!inner->stacks.expect)
		return;
	if (!stacks) {
		of_traces = xcalloc(inner->stacks.n, sizeof *of_traces);
		for (size_t i = 0; i < snapshot->n_traces; i++)
			of_traces[snapshot->traces[i].stack] = true;
	}
	inner->stacks.expect(inner->stacks.arg, stacks ? stacks : of_traces, tracebacks,
			     inner->show_allocators);
	free(of_traces);
}

void snapshot_show_allocators(struct snapshot *snapshot, bool show)
{
	free(snapshot->inner->firsts);
	snapshot->inner->firsts = NULL;
	snapshot->inner->show_allocators = show;
}

const char *snapshot_thread_name(const struct snapshot *snapshot, uint32_t thread)
{
	const struct snapshot_stacks *stacks = &snapshot->inner->stacks;

	return stacks->thread_name ? stacks->thread_name(stacks->arg, thread) : "";
}

const char *snapshot_domain_name(const struct snapshot *snapshot, uint32_t domain)
{
	const struct snapshot_stacks *stacks = &snapshot->inner->stacks;

	const char *name = stacks->domain_name ? stacks->domain_name(stacks->arg, domain) : "";

	return *name ? name : domain_name(domain);
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
		size = snapshot_sum(size, trace.size);
	}
	snapshot->n_removed += snapshot->n_traces - kept;
	snapshot->n_traces = kept;
	snapshot->size = size;
}
