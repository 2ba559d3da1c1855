// SPDX-License-Identifier: MIT
/*
 * A heap of streams by the stamp of their heads. A stream stays at the top while its stamps are not
 * over the second smallest, so that threads that take turns cost next to nothing. A stream whose
 * head cannot be leaves the heap until an event of the same address is taken or its time is up, so
 * that however many of them wait, nothing is tried twice in vain.
 */
#include "merge.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

#define WINDOW_NS 10000	   /* clocks of two cores, and the time between a call and its stamp */
#define WINDOW_UNKNOWN 512 /* the same in units of 64 cycles at about 3 GHz */
#define WINDOW_MIN 256	   /* of a trace whose chunks were all written late */
#define WINDOW_MAX 8192

struct merge {
	struct stream **heap;
	size_t n;
	/* Streams whose heads cannot be, and the addresses that they wait for, in no order. */
	struct stream **waiting;
	uint64_t *addresses;
	size_t n_waiting;
	uint64_t deadline; /* the largest key that may go before the first of them */
	uint64_t window;
	merge_take *take;
	void *arg;
};

/* Unstamped events of the late stream stand behind those of the thread that has some. */
static bool before(const struct stream *a, const struct stream *b)
{
	if (a->key != b->key)
		return a->key < b->key;
	return a->number - 1 < b->number - 1;
}

static void sift_down(struct merge *merge, size_t i)
{
	struct stream *stream = merge->heap[i];

	for (size_t child; (child = 2 * i + 1) < merge->n; i = child) {
		if (child + 1 < merge->n && before(merge->heap[child + 1], merge->heap[child]))
			child++;
		if (!before(merge->heap[child], stream))
			break;
		merge->heap[i] = merge->heap[child];
	}
	merge->heap[i] = stream;
}

static void remove_top(struct merge *merge)
{
	merge->heap[0] = merge->heap[--merge->n];
	if (merge->n)
		sift_down(merge, 0);
}

static void add(struct merge *merge, struct stream *stream)
{
	size_t i = merge->n++;

	for (; i > 0 && before(stream, merge->heap[(i - 1) / 2]); i = (i - 1) / 2)
		merge->heap[i] = merge->heap[(i - 1) / 2];
	merge->heap[i] = stream;
}

/* The smallest key but the top's. */
static uint64_t second_key(const struct merge *merge)
{
	uint64_t key = UINT64_MAX;

	for (size_t i = 1; i < 3 && i < merge->n; i++)
		key = merge->heap[i]->key < key ? merge->heap[i]->key : key;
	return key;
}

static size_t first_waiting(const struct merge *merge)
{
	size_t first = 0;

	for (size_t i = 1; i < merge->n_waiting; i++)
		if (before(merge->waiting[i], merge->waiting[first]))
			first = i;
	return first;
}

/* Unstamped events wait for unstamped ones only: their order is exact as it is. */
static void set_deadline(struct merge *merge)
{
	if (!merge->n_waiting)
		return;
	uint64_t key = merge->waiting[first_waiting(merge)]->key;

	merge->deadline = !key ? 0 : key + merge->window < key ? UINT64_MAX : key + merge->window;
}

static void stop_waiting(struct merge *merge, size_t i)
{
	merge->n_waiting--;
	merge->waiting[i] = merge->waiting[merge->n_waiting];
	merge->addresses[i] = merge->addresses[merge->n_waiting];
}

/* The head of the top cannot be: the others go on without it. */
static void wait_for_others(struct merge *merge)
{
	merge->waiting[merge->n_waiting] = merge->heap[0];
	merge->addresses[merge->n_waiting++] = merge->heap[0]->head->address;
	remove_top(merge);
	set_deadline(merge);
}

/* An event of STREAM was taken: those whose heads it may have made possible try again. */
static void wake(struct merge *merge, const struct stream *stream, unsigned kind, uint64_t address)
{
	bool woken = false;

	if (kind > EVENT_CLEAR)
		return;
	if (kind == EVENT_UNDO)
		address = stream->undone;
	for (size_t i = merge->n_waiting; i-- > 0;) {
		if (kind != EVENT_CLEAR && merge->addresses[i] != address)
			continue;
		add(merge, merge->waiting[i]);
		stop_waiting(merge, i);
		woken = true;
	}
	if (woken)
		set_deadline(merge);
}

/* STREAM, which is not in the heap, took what stood at its head: it comes back if there is more. */
static void come_back(struct merge *merge, struct stream *stream)
{
	if (stream_loaded(stream) || stream_expect(stream))
		add(merge, stream);
}

/* Nobody let the first of those that wait go in time: it goes as it is. False: stop. */
static bool force(struct merge *merge)
{
	size_t first = first_waiting(merge);
	struct stream *stream = merge->waiting[first];
	unsigned kind = stream->head->kind;
	uint64_t address = stream->head->address;
	enum merge_try attempt = merge->n_waiting > 1 ? MERGE_CONFLICT : MERGE_MUST;

	stop_waiting(merge, first);
	set_deadline(merge);
	if (merge->take(merge->arg, stream, attempt, 0) == MERGE_STOP)
		return false;
	wake(merge, stream, kind, address);
	come_back(merge, stream);
	return true;
}

/* The top moved on, whose key never gets smaller. */
static void settle_top(struct merge *merge)
{
	struct stream *top = merge->heap[0];

	if (stream_loaded(top) || stream_expect(top))
		sift_down(merge, 0);
	else
		remove_top(merge);
}

/*
 * A moment, which divides the events of all threads. What waits is before it: frees of blocks that
 * the recording does not know wait in vain, and would take what their thread did next along.
 */
static bool is_moment(unsigned kind)
{
	return kind == EVENT_MARK || kind == EVENT_CLEAR || kind == EVENT_START ||
	       kind == EVENT_RESET_PEAK;
}

/* Others wait for what the top may do, so it does one thing. False: stop. */
static bool step_top(struct merge *merge)
{
	struct stream *top = merge->heap[0];
	unsigned kind = top->head->kind;
	uint64_t address = top->head->address;

	if (is_moment(kind) && merge->waiting[first_waiting(merge)]->key < top->key)
		return force(merge);
	enum merge_answer answer = merge->take(merge->arg, top, MERGE_TRY, 0);

	if (answer == MERGE_CANNOT) {
		wait_for_others(merge);
		return true;
	}
	settle_top(merge);
	wake(merge, top, kind, address);
	return answer != MERGE_STOP;
}

/* Takes events from the top for as long as it is the smallest. False: stop. */
static bool run_top(struct merge *merge)
{
	enum merge_try attempt = merge->n > 1 ? MERGE_TRY : MERGE_MUST;
	uint64_t second = second_key(merge);
	enum merge_answer answer = merge->take(merge->arg, merge->heap[0], attempt,
					       second == UINT64_MAX ? second : second + 1);

	if (answer == MERGE_CANNOT)
		wait_for_others(merge);
	else
		settle_top(merge);
	return answer != MERGE_STOP;
}

static bool go_on(struct merge *merge)
{
	if (merge->n_waiting && (!merge->n || merge->heap[0]->key > merge->deadline))
		return force(merge);
	if (!stream_loaded(merge->heap[0])) {
		if (stream_load(merge->heap[0]))
			sift_down(merge, 0);
		else
			remove_top(merge);
		return true;
	}
	return merge->n_waiting ? step_top(merge) : run_top(merge);
}

void merge_run(struct streams *streams, uint64_t window, merge_take *take, void *arg)
{
	struct merge merge = {.window = window, .take = take, .arg = arg};

	merge.heap = xreallocarray(NULL, streams->n, sizeof *merge.heap);
	merge.waiting = xreallocarray(NULL, streams->n, sizeof(*merge.waiting));
	merge.addresses = xreallocarray(NULL, streams->n, sizeof *merge.addresses);
	for (size_t i = 0; i < streams->n; i++)
		add(&merge, &streams->streams[i]);
	while ((merge.n || merge.n_waiting) && go_on(&merge))
		;
	free(merge.heap);
	free(merge.waiting);
	free(merge.addresses);
}

uint64_t merge_window(const struct trace *trace)
{
	const struct trace_private *inner = trace->inner;
	double stamps_per_ns;

	if (inner->clock == CLOCK_COUNTER)
		return 0;
	if (!inner->clock_time_ns || !inner->stamp_start)
		return WINDOW_UNKNOWN;
	stamps_per_ns =
		(double)(inner->clock_stamp - inner->stamp_start) / (double)inner->clock_time_ns;
	double window = WINDOW_NS * stamps_per_ns + 1;

	return window < WINDOW_MIN   ? WINDOW_MIN
	       : window < WINDOW_MAX ? (uint64_t)window
				     : WINDOW_MAX;
}
