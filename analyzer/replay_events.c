// SPDX-License-Identifier: MIT
/*
 * The events themselves, in the order of the replay.
 */
#include <stdlib.h>

#include "die.h"
#include "inherit.h"
#include "live.h"
#include "replay.h"

struct visiting {
	struct live live;
	void (*visit)(void *arg, const struct replay_event *event);
	void *arg;
	uint64_t *addresses;
	uint32_t *modules;
	size_t cap;
};

/* The last stack of STREAM as addresses, most recent first. */
static void put_stack(struct visiting *visiting, const struct stream *stream,
		      struct replay_event *event)
{
	const struct stacks *stacks = &stream->trace->inner->stacks;
	const struct stack_node *nodes = stacks->nodes;

	if (stream->depth > visiting->cap) {
		visiting->cap = stream->depth * 2;
		visiting->addresses = xreallocarray(visiting->addresses, visiting->cap,
						    sizeof *visiting->addresses);
		visiting->modules =
			xreallocarray(visiting->modules, visiting->cap, sizeof *visiting->modules);
	}
	for (uint32_t node = stacks->stacks[stream->stack].node; node != STACK_ROOT;
	     node = nodes[node].parent) {
		visiting->addresses[event->depth] = nodes[node].address;
		visiting->modules[event->depth++] = nodes[node].module;
	}
	event->addresses = visiting->addresses;
	event->modules = visiting->modules;
}

static enum merge_answer take(void *arg, struct stream *stream, enum merge_try attempt,
			      uint64_t below)
{
	struct visiting *visiting = arg;
	const struct codec_event head = *stream->head;
	unsigned fields = event_fields(head.kind);

	(void)below; /* one event at a time */
	if (live_apply(&visiting->live, stream, attempt) == MERGE_CANNOT)
		return MERGE_CANNOT;
	struct replay_event event = {
		.number = event_counts(head.kind) ? visiting->live.events : 0,
		.kind = head.kind,
		.thread = stream->thread,
		.size = head.size,
		.stamp = head.stamp,
		.time_ns = visiting->live.time_ns,
		.domain = fields & FIELD_DOMAIN ? (uint32_t)stream->domain[-1] : 0,
		.flags = head.flags,
	};

	if (fields & FIELD_VALUE)
		event.value = head.address;
	else
		event.address = head.address;
	if (fields & FIELD_STACK && stream->stack == INTERN_NONE) {
		stream_step(stream);
		return MERGE_TAKEN; /* damaged: nothing was applied */
	}
	if (fields & FIELD_STACK)
		put_stack(visiting, stream, &event);
	visiting->visit(visiting->arg, &event);
	stream_step(stream);
	return MERGE_TAKEN;
}

int replay_events(struct trace *trace, void (*visit)(void *arg, const struct replay_event *),
		  void *arg, char **message)
{
	struct visiting visiting = {.visit = visit, .arg = arg};
	struct streams streams;

	*message = NULL;
	streams_init(&streams, trace);
	live_init(&visiting.live, trace, streams.n_events);
	stacks_unpack(&trace->inner->stacks);
	inherit(&visiting.live, trace);
	merge_run(&streams, merge_window(trace), take, &visiting);
	stacks_pack(&trace->inner->stacks);
	streams_release(&streams);
	live_release(&visiting.live);
	free(visiting.addresses);
	free(visiting.modules);
	return 0;
}
