// SPDX-License-Identifier: MIT
/*
 * One pass over the events that stops wherever a snapshot is wanted.
 */
#include "replay.h"

#include <stdlib.h>

#include "amount.h"
#include "curve.h"
#include "die.h"
#include "inherit.h"
#include "live.h"
#include "locator.h"
#include "marks.h"
#include "snapshot_make.h"

#define PROGRESS_EVENTS (1u << 18)

struct wanted {
	const struct moment *moment;
	struct mark_watch mark;
	struct snapshot *snapshot;
};

struct replay {
	struct live live;
	struct streams streams;
	struct locator *locator;
	struct wanted *wanted;
	size_t n;
	size_t left; /* snapshots that are not taken yet, but those of the end and the peak */
	bool to_end; /* there is something to know at the end */
	/* The smallest number of events, and the smallest time, that a snapshot waits for. */
	uint64_t next_event;
	uint64_t next_time;
	struct curve *curve; /* NULL when not wanted */
	void (*progress)(void *arg, uint64_t events, double share);
	void *progress_arg;
	uint64_t next_progress;
	size_t n_stacks_before; /* that a flat tree has from replays before */
	uint64_t start_size, start_count;
};

/* Whether a snapshot is taken on the way. */
static bool is_passing(const struct wanted *wanted)
{
	return !wanted->snapshot && wanted->moment->kind != MOMENT_END &&
	       wanted->moment->kind != MOMENT_PEAK;
}

static void find_next(struct replay *replay)
{
	replay->next_event = replay->next_time = UINT64_MAX;
	replay->left = 0;
	for (size_t i = 0; i < replay->n; i++) {
		const struct moment *moment = replay->wanted[i].moment;

		if (!is_passing(&replay->wanted[i]))
			continue;
		replay->left++;
		if (moment->kind == MOMENT_START)
			replay->next_event = 0;
		if (moment->kind == MOMENT_EVENT && moment->event < replay->next_event)
			replay->next_event = moment->event;
		if (moment->kind == MOMENT_TIME && moment->time_ns < replay->next_time)
			replay->next_time = moment->time_ns;
	}
}

static void take_now(struct replay *replay, struct wanted *wanted, uint64_t time_ns)
{
	live_settle(&replay->live);
	wanted->snapshot = snapshot_make(&replay->live, replay->locator, wanted->moment, time_ns);
}

/* The snapshots of the number of events there now are. */
static void reach_event(struct replay *replay)
{
	for (size_t i = 0; i < replay->n; i++) {
		struct wanted *wanted = &replay->wanted[i];

		if (!is_passing(wanted))
			continue;
		if (wanted->moment->kind == MOMENT_START ||
		    (wanted->moment->kind == MOMENT_EVENT &&
		     wanted->moment->event == replay->live.events))
			take_now(replay, wanted, replay->live.time_ns);
	}
	find_next(replay);
}

/* The snapshots of times before TIME_NS. */
static void reach_time(struct replay *replay, uint64_t time_ns)
{
	for (size_t i = 0; i < replay->n; i++) {
		struct wanted *wanted = &replay->wanted[i];

		if (is_passing(wanted) && wanted->moment->kind == MOMENT_TIME &&
		    wanted->moment->time_ns < time_ns)
			take_now(replay, wanted, wanted->moment->time_ns);
	}
	find_next(replay);
}

static void reach_mark(struct replay *replay, uint64_t number)
{
	for (size_t i = 0; i < replay->n; i++) {
		struct wanted *wanted = &replay->wanted[i];

		if (is_passing(wanted) && wanted->moment->kind == MOMENT_MARK &&
		    marks_reached(&wanted->mark, number))
			take_now(replay, wanted, replay->live.time_ns);
	}
	find_next(replay);
}

/* After how many events, and before what time, there is something to do. */
static void find_pause(struct replay *replay)
{
	uint64_t events = replay->live.events, until = replay->next_event;

	if (replay->curve && replay->curve->next < until)
		until = replay->curve->next;
	if (replay->progress && replay->next_progress < until)
		until = replay->next_progress;
	replay->live.until = until > events ? until : events + 1;
	replay->live.until_time = replay->next_time;
}

static void after_event(struct replay *replay)
{
	uint64_t events = replay->live.events;

	if (replay->curve)
		curve_add(replay->curve, events, replay->live.heap.size);
	if (events == replay->next_event)
		reach_event(replay);
	if (replay->progress && events >= replay->next_progress) {
		uint64_t all =
			replay->streams.n_events > events ? replay->streams.n_events : events;

		replay->next_progress = events + PROGRESS_EVENTS;
		replay->progress(replay->progress_arg, events, (double)events / (double)all);
	}
}

static enum merge_answer take(void *arg, struct stream *stream, enum merge_try attempt,
			      uint64_t below)
{
	struct replay *replay = arg;
	unsigned kind = stream->head->kind;
	uint64_t value = stream->head->address;

	if (kind == EVENT_TIME && value > replay->next_time)
		reach_time(replay, value);
	if (!replay->left && !replay->to_end)
		return MERGE_STOP;
	if (live_run(&replay->live, stream, attempt, below) == MERGE_CANNOT)
		return MERGE_CANNOT;
	if (replay->live.events >= replay->live.until)
		after_event(replay);
	else if (kind == EVENT_MARK)
		reach_mark(replay, value);
	find_pause(replay);
	return replay->left || replay->to_end ? MERGE_TAKEN : MERGE_STOP;
}

/* What stands at the end: snapshots of it and of times without a mark behind them. */
static int reach_end(struct replay *replay, char **message)
{
	struct trace *trace = replay->live.trace;

	live_settle(&replay->live);
	if (replay->live.time_ns > trace->duration_ns)
		trace->duration_ns = replay->live.time_ns;
	for (size_t i = 0; i < replay->n; i++) {
		const struct moment *moment = replay->wanted[i].moment;
		char events[AMOUNT_MAX], time[AMOUNT_MAX];

		if (!is_passing(&replay->wanted[i]))
			continue;
		if (moment->kind == MOMENT_TIME && moment->time_ns <= trace->duration_ns) {
			take_now(replay, &replay->wanted[i], moment->time_ns);
			continue;
		}
		*message = xasprintf("%s: @%s is beyond the end: the recording has %s events in %s",
				     trace_name(trace->path), moment->text,
				     amount_count(replay->live.events, events),
				     amount_time(trace->duration_ns, time));
		return -1;
	}
	/* The peak first: the last snapshot of the end takes the memory of the live blocks over. */
	for (size_t i = 0; i < replay->n; i++)
		if (replay->wanted[i].moment->kind == MOMENT_PEAK)
			replay->wanted[i].snapshot = snapshot_make_peak(
				&replay->live, replay->locator, replay->wanted[i].moment);
	return 0;
}

static void take_end(struct replay *replay)
{
	size_t left = 0;

	for (size_t i = 0; i < replay->n; i++)
		left += replay->wanted[i].moment->kind == MOMENT_END;
	for (size_t i = 0; i < replay->n; i++) {
		struct wanted *wanted = &replay->wanted[i];

		if (wanted->moment->kind != MOMENT_END)
			continue;
		if (--left)
			take_now(replay, wanted, replay->live.trace->duration_ns);
		else
			wanted->snapshot =
				snapshot_make_last(&replay->live, replay->locator, wanted->moment,
						   replay->live.trace->duration_ns);
	}
}

static void fill_totals(const struct replay *replay, struct replay_totals *totals)
{
	const struct live *live = &replay->live;

	*totals = (struct replay_totals){
		.events = live->events,
		.allocations = live->allocations,
		.frees = live->frees,
		.allocated_bytes = live->allocated_bytes,
		.live_size = live->heap.size,
		.live_count = live->heap.n,
		.reserved_size = live->mapped.reserved,
		.peak_size = live->peak.size,
		.peak_count = live->peak.count,
		.peak_event = live->peak.event,
		.peak_time_ns = live->peak.time_ns,
		.start_size = replay->start_size,
		.start_count = replay->start_count,
		.distinct_stacks = live->trace->inner->stacks.n - replay->n_stacks_before,
	};
	curve_get(replay->curve, live->events, live->heap.size, totals->curve,
		  sizeof totals->curve / sizeof *totals->curve);
}

static int prepare(struct replay *replay, struct trace *trace, const struct moment *moments,
		   char **message)
{
	for (size_t i = 0; i < replay->n; i++) {
		replay->wanted[i].moment = &moments[i];
		replay->to_end |= moments[i].kind == MOMENT_END || moments[i].kind == MOMENT_PEAK;
		replay->live.peak.journal |= moments[i].kind == MOMENT_PEAK;
		if (moments[i].kind == MOMENT_MARK &&
		    marks_watch(&replay->wanted[i].mark, trace, &replay->streams, &moments[i],
				message) < 0)
			return -1;
	}
	find_next(replay);
	if (replay->next_event == 0)
		reach_event(replay);
	return 0;
}

static void begin(struct replay *replay, struct trace *trace)
{
	inherit(&replay->live, trace);
	replay->start_size = replay->live.heap.size;
	replay->start_count = replay->live.heap.n;
	if (replay->curve)
		replay->curve->first = replay->start_size;
}

static void finish(struct replay *replay, struct snapshot **snapshots, int result)
{
	for (size_t i = 0; i < replay->n; i++) {
		if (result < 0)
			snapshot_free(replay->wanted[i].snapshot);
		marks_release(&replay->wanted[i].mark);
		snapshots[i] = result < 0 ? NULL : replay->wanted[i].snapshot;
	}
	streams_release(&replay->streams);
	live_release(&replay->live);
	locator_release(replay->locator);
	free(replay->wanted);
	free(replay->curve);
}

int replay(struct trace *trace, const struct moment *moments, size_t n, struct frames *frames,
	   struct symbols *symbols, struct snapshot **snapshots, struct replay_totals *totals,
	   void (*progress)(void *arg, uint64_t events, double share), void *progress_arg,
	   char **message)
{
	struct replay replay = {
		.wanted = xcalloc(n, sizeof *replay.wanted),
		.n = n,
		.to_end = totals != NULL,
		.curve = totals ? xcalloc(1, sizeof *replay.curve) : NULL,
		.progress = progress,
		.progress_arg = progress_arg,
		.next_progress = PROGRESS_EVENTS,
	};
	int result;

	streams_init(&replay.streams, trace);
	live_init(&replay.live, trace, replay.streams.n_events);
	replay.locator = locator_new(trace, frames, symbols);
	stacks_unpack(&trace->inner->stacks);
	replay.n_stacks_before = trace->inner->stacks.flat ? trace->inner->stacks.n : 0;
	begin(&replay, trace);
	result = prepare(&replay, trace, moments, message);
	if (!result && (replay.left || replay.to_end)) {
		find_pause(&replay);
		merge_run(&replay.streams, merge_window(trace), take, &replay);
		result = reach_end(&replay, message);
	}
	if (!result) {
		if (totals)
			fill_totals(&replay, totals);
		take_end(&replay);
	}
	stacks_pack(&trace->inner->stacks);
	finish(&replay, snapshots, result);
	return result;
}
