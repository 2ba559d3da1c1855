// SPDX-License-Identifier: MIT
/*
 * The highest thread number given out, then pairs {stream, events}: streams that are not named had
 * ended before if they are not above it, so they count whole. Nothing is kept by pair, of which a
 * hostile file may have many.
 */
#include "fork_position.h"

#include <stdlib.h>

#include "common/bytes.h"
#include "die.h"
#include "pieces.h"

struct pairs {
	struct get get;
	uint64_t highest;
	uint64_t stream, events; /* the present pair */
};

static struct pairs pairs_of(const struct trace_parent *fork)
{
	struct pairs pairs = {.get = get_from(fork->position, fork->position_size)};

	pairs.highest = get_varint(&pairs.get);
	return pairs;
}

static bool pairs_next(struct pairs *pairs)
{
	if (!get_left(&pairs->get))
		return false;
	pairs->stream = get_varint(&pairs->get);
	pairs->events = get_varint(&pairs->get);
	return !pairs->get.bad;
}

bool fork_position_is_valid(const struct trace_parent *fork)
{
	struct pairs pairs;

	if (!fork->position || !fork->position_size)
		return false;
	pairs = pairs_of(fork);
	while (pairs_next(&pairs))
		;
	return !pairs.get.bad;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

void fork_position_weigh(const struct trace_parent *fork, uint64_t *threads, uint64_t *events)
{
	struct pairs pairs = pairs_of(fork);

	*threads = pairs.highest;
	*events = 0;
	while (pairs_next(&pairs))
		*events = sum(*events, pairs.events);
}

static int compare_number(const void *key, const void *element)
{
	uint64_t number = *(const uint64_t *)key;
	const struct stream *stream = element;

	return (number > stream->number) - (number < stream->number);
}

static struct stream *find_stream(const struct streams *streams, uint64_t number)
{
	return streams->n ? bsearch(&number, streams->streams, streams->n, sizeof *streams->streams,
				    compare_number)
			  : NULL;
}

/* The late stream, 0, counts only where it is named. */
static bool is_whole(const struct pairs *pairs, uint64_t stream)
{
	return stream - 1 < pairs->highest;
}

static int compare_holes(const void *left, const void *right)
{
	const struct stream_hole *a = left, *b = right;

	if (a->thread != b->thread)
		return (a->thread > b->thread) - (a->thread < b->thread);
	return (a->serial > b->serial) - (a->serial < b->serial);
}

/* The first hole of THREAD, or where it would be. */
static struct stream_hole *first_hole(const struct streams *streams, uint64_t thread)
{
	size_t low = 0, high = streams->n_holes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (streams->holes[middle].thread < thread)
			low = middle + 1;
		else
			high = middle;
	}
	return &streams->holes[low];
}

static bool has_holes(const struct streams *streams, uint64_t thread)
{
	const struct stream_hole *hole = first_hole(streams, thread);

	return hole < streams->holes + streams->n_holes && hole->thread == thread;
}

static void find_holes(struct streams *streams, const struct reader *reader)
{
	streams->holes = xreallocarray(NULL, reader->n_chunks + 1, sizeof *streams->holes);
	for (size_t i = 0; i < reader->n_chunks; i++) {
		const struct chunk *chunk = &reader->chunks[i];

		if (chunk->header.kind == CHUNK_EVENTS && chunk->damaged && !chunk->covered)
			streams->holes[streams->n_holes++] = (struct stream_hole){
				.thread = chunk->header.thread,
				.serial = chunk->header.serial,
				.count = chunk->header.count,
			};
	}
	if (streams->n_holes)
		qsort(streams->holes, streams->n_holes, sizeof *streams->holes, compare_holes);
	for (size_t i = 0; i < streams->n; i++) {
		struct stream *stream = &streams->streams[i];

		stream->hole = first_hole(streams, stream->number);
		stream->holes_end = first_hole(streams, (uint64_t)stream->number + 1);
	}
}

/* How many events there are before it, of each stream; for the caller to free. */
static uint64_t *events_before(const struct trace_parent *fork, const struct streams *streams)
{
	struct pairs pairs = pairs_of(fork);
	uint64_t *events = xreallocarray(NULL, streams->n, sizeof *events);

	for (size_t i = 0; i < streams->n; i++)
		events[i] = is_whole(&pairs, streams->streams[i].number) ? UINT64_MAX : 0;
	while (pairs_next(&pairs)) {
		const struct stream *stream = find_stream(streams, pairs.stream);

		if (stream)
			events[stream - streams->streams] = pairs.events;
		else if (has_holes(streams, pairs.stream))
			first_hole(streams, pairs.stream)->named = true;
	}
	return events;
}

/* Each where it ends now, or behind that. */
static bool is_behind(const struct streams *streams, const uint64_t *events)
{
	for (size_t i = 0; i < streams->n; i++)
		if (events[i] < streams->streams[i].until)
			return false;
	return true;
}

bool fork_position_cut(const struct trace_parent *fork, struct streams *streams,
		       const struct trace *trace)
{
	bool first = !streams->holes;

	if (first)
		find_holes(streams, &trace->inner->reader);
	uint64_t *events = events_before(fork, streams);
	bool behind = first || is_behind(streams, events);

	for (size_t i = 0; i < streams->n && behind; i++)
		stream_cut(&streams->streams[i], events[i]);
	free(events);
	return behind;
}

/* Of streams that are named: the pairs tell how long they have to be. */
static uint64_t missing_at_end(const struct trace_parent *fork, const struct streams *streams)
{
	struct pairs pairs = pairs_of(fork);
	uint64_t missing = 0;

	while (pairs_next(&pairs)) {
		const struct stream *stream = find_stream(streams, pairs.stream);

		missing = sum(missing, stream ? stream->left : pairs.events);
	}
	return missing;
}

/* Whether the piece SERIAL, which is not there, is of what was asked for and not counted at its end. */
static bool is_missing(const struct trace_parent *fork, const struct streams *streams,
		       uint32_t thread, uint32_t serial)
{
	const struct stream *stream = find_stream(streams, thread);
	struct pairs pairs = pairs_of(fork);

	if (!stream)
		return is_whole(&pairs, thread) &&
		       !(has_holes(streams, thread) && first_hole(streams, thread)->named);
	if (stream->left == UINT64_MAX)
		return true;
	return stream->n_chunks && serial < stream->chunks[stream->n_chunks - 1]->header.serial;
}

uint64_t fork_position_missing(const struct trace_parent *fork, const struct streams *streams,
			       struct trace *trace)
{
	uint64_t missing = missing_at_end(fork, streams);
	size_t n;
	struct piece_gap *gaps = pieces_missing(&trace->inner->reader, &n);

	for (size_t i = 0; i < n; i++)
		if (is_missing(fork, streams, gaps[i].thread, gaps[i].serial))
			missing = sum(missing, gaps[i].n);
	free(gaps);
	for (size_t i = 0; i < streams->n_holes; i++)
		if (is_missing(fork, streams, streams->holes[i].thread, streams->holes[i].serial))
			missing = sum(missing, streams->holes[i].count);
	return missing;
}
