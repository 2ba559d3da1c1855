// SPDX-License-Identifier: MIT
/*
 * A heap of streams by the stamp of their heads. A stream stays at the top while its stamps are not
 * over the second smallest, so that threads that take turns cost next to nothing.
 */
#include "merge.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

#define WINDOW_NS 10000	   /* clocks of two cores, and the time between a call and its stamp */
#define WINDOW_UNKNOWN 512 /* the same in units of 64 cycles at about 3 GHz */
#define WINDOW_MAX 8192

struct merge {
	struct stream **heap;
	size_t n;
	uint64_t window;
	merge_take *take;
	void *arg;
	struct stream **near; /* room for as many streams as there are */
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

static void remove_at(struct merge *merge, size_t i)
{
	merge->heap[i] = merge->heap[--merge->n];
	if (i == merge->n)
		return;
	/*
	 * What came from the end may belong above as well as below; above is rare, so order anew.
	 */
	for (size_t j = merge->n; j-- > 0;)
		sift_down(merge, j);
}

/* The smallest key but the top's. */
static uint64_t second_key(const struct merge *merge)
{
	uint64_t key = UINT64_MAX;

	for (size_t i = 1; i < 3 && i < merge->n; i++)
		key = merge->heap[i]->key < key ? merge->heap[i]->key : key;
	return key;
}

/* Puts the indices of the heap whose keys are <= LIMIT, but the top, in order of their keys. */
static size_t find_near(struct merge *merge, uint64_t limit)
{
	size_t n = 0;

	for (size_t i = 1; i < merge->n; i++) {
		struct stream *stream = merge->heap[i];
		size_t at = n;

		if (stream->key > limit)
			continue;
		for (; at > 0 && before(stream, merge->near[at - 1]); at--)
			merge->near[at] = merge->near[at - 1];
		merge->near[at] = stream;
		n++;
	}
	return n;
}

static size_t index_of(const struct merge *merge, const struct stream *stream)
{
	size_t i = 0;

	while (merge->heap[i] != stream)
		i++;
	return i;
}

static void advance(struct merge *merge, struct stream *stream)
{
	size_t i = index_of(merge, stream);

	if (stream_advance(stream))
		sift_down(merge, i); /* keys never decrease */
	else
		remove_at(merge, i);
}

/* The top cannot go: lets one of the others within the window go, or else the top as it is. */
static bool unstall(struct merge *merge)
{
	struct stream *top = merge->heap[0];
	uint64_t limit = top->key ? top->key + merge->window : 0; /* unstamped: exact as it is */
	size_t n = find_near(merge, limit), tried = 0;

	for (size_t i = 0; i < n; i++) {
		struct stream *stream = merge->near[i];

		if (!stream_load(stream)) {
			remove_at(merge, index_of(merge, stream));
			continue;
		}
		if (stream->key > limit)
			continue;
		tried++;
		enum merge_answer answer = merge->take(merge->arg, stream, MERGE_TRY);

		if (answer == MERGE_CANNOT)
			continue;
		if (answer == MERGE_TAKEN)
			advance(merge, stream);
		return answer != MERGE_STOP;
	}
	if (merge->take(merge->arg, top, tried ? MERGE_CONFLICT : MERGE_MUST) == MERGE_STOP)
		return false;
	advance(merge, top);
	return true;
}

/* Takes events from the top for as long as it is the smallest. False: stop. */
static bool run_top(struct merge *merge)
{
	struct stream *top = merge->heap[0];
	enum merge_try attempt = merge->n > 1 ? MERGE_TRY : MERGE_MUST;
	uint64_t limit = second_key(merge);

	if (!stream_loaded(top)) {
		if (!stream_load(top))
			remove_at(merge, 0);
		else
			sift_down(merge, 0);
		return true;
	}
	do {
		enum merge_answer answer = merge->take(merge->arg, top, attempt);

		if (answer == MERGE_STOP)
			return false;
		if (answer == MERGE_CANNOT)
			return unstall(merge);
		if (!stream_advance(top)) {
			remove_at(merge, 0);
			return true;
		}
	} while (stream_loaded(top) && (top->key < limit || (top->key == limit && limit)));
	sift_down(merge, 0);
	return true;
}

void merge_run(struct streams *streams, uint64_t window, merge_take *take, void *arg)
{
	struct merge merge = {.window = window, .take = take, .arg = arg};

	merge.heap = xreallocarray(NULL, streams->n, sizeof *merge.heap);
	merge.near = xreallocarray(NULL, streams->n, sizeof *merge.near);
	for (size_t i = 0; i < streams->n; i++)
		merge.heap[merge.n++] = &streams->streams[i];
	for (size_t i = merge.n; i-- > 0;)
		sift_down(&merge, i);
	while (merge.n && run_top(&merge))
		;
	free(merge.heap);
	free(merge.near);
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

	return window < WINDOW_MAX ? (uint64_t)window : WINDOW_MAX;
}
