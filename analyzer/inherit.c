// SPDX-License-Identifier: MIT
/*
 * The outermost ancestor goes first; each is merged by itself, as clocks may differ.
 */
#include "inherit.h"

#include "amount.h"
#include "ancestors.h"
#include "die.h"
#include "fork_position.h"
#include "parents.h"

static enum merge_answer take(void *arg, struct stream *stream, enum merge_try attempt,
			      uint64_t below)
{
	return live_run(arg, stream, attempt, below);
}

void inherit_run(struct live *live, struct streams *streams, const struct trace *ancestor)
{
	merge_run(streams, merge_window(ancestor), take, live);
	live_settle(live);
}

static void say_missing(struct trace *trace, const struct ancestor *ancestor)
{
	char events[AMOUNT_MAX];

	trace->quality.missing_inherited += ancestor->missing;
	ancestors_warn(
		trace,
		xasprintf("%s lacks at least %s event%s: what was inherited from it may be wrong",
			  ancestor->trace->path, amount_count(ancestor->missing, events),
			  ancestor->missing == 1 ? "" : "s"));
}

static void replay_ancestor(struct live *live, struct ancestor *ancestor)
{
	const struct trace_quality *quality = &ancestor->trace->quality;
	uint64_t lost = quality->lost_events;
	struct streams streams;

	streams_init(&streams, ancestor->trace);
	fork_position_cut(ancestor->fork, &streams, ancestor->trace);
	inherit_run(live, &streams, ancestor->trace);
	if (!ancestor->replayed) {
		ancestor->replayed = true;
		ancestor->missing =
			fork_position_missing(ancestor->fork, &streams, ancestor->trace) +
			(quality->lost_events - lost) +
			ancestor->trace->inner->lost_to_damage; /* nobody knows where */
		if (ancestor->missing)
			say_missing(live->trace, ancestor);
	}
	streams_release(&streams);
}

void inherit(struct live *live, struct trace *trace)
{
	struct trace_private *inner = trace->inner;

	live->until = live->until_time = UINT64_MAX;
	if (inner->n_ancestors && inner->parents && parents_give(inner->parents, live, trace))
		return;
	for (size_t i = inner->n_ancestors; i-- > 0;) {
		replay_ancestor(live, &inner->ancestors[i]);
		live_inherit(live, !inner->ancestors[i].missing);
	}
}
