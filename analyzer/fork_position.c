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

void fork_position_cut(const struct trace_parent *fork, struct streams *streams)
{
	struct pairs pairs = pairs_of(fork);

	for (size_t i = 0; i < streams->n; i++)
		streams->streams[i].left =
			is_whole(&pairs, streams->streams[i].number) ? UINT64_MAX : 0;
	while (pairs_next(&pairs)) {
		struct stream *stream = find_stream(streams, pairs.stream);

		if (stream)
			stream->left = pairs.events;
	}
	for (size_t i = 0; i < streams->n; i++)
		stream_cut(&streams->streams[i], streams->streams[i].left);
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
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

static bool is_named(const struct trace_parent *fork, uint64_t stream)
{
	struct pairs pairs = pairs_of(fork);

	while (pairs_next(&pairs))
		if (pairs.stream == stream)
			return true;
	return false;
}

/* Whether the piece SERIAL, which is not there, is of what was asked for and not counted at its end. */
static bool is_hole(const struct trace_parent *fork, const struct streams *streams, uint32_t thread,
		    uint32_t serial)
{
	const struct stream *stream = find_stream(streams, thread);
	struct pairs pairs = pairs_of(fork);

	if (!stream)
		return is_whole(&pairs, thread) && !is_named(fork, thread);
	if (stream->left == UINT64_MAX)
		return true;
	return stream->n_chunks && serial < stream->chunks[stream->n_chunks - 1]->header.serial;
}

uint64_t fork_position_missing(const struct trace_parent *fork, const struct streams *streams,
			       struct trace *trace)
{
	struct reader *reader = &trace->inner->reader;
	uint64_t missing = missing_at_end(fork, streams);
	size_t n;
	struct piece_gap *gaps = pieces_missing(reader, &n);

	for (size_t i = 0; i < n; i++)
		if (is_hole(fork, streams, gaps[i].thread, gaps[i].serial))
			missing = sum(missing, gaps[i].n);
	free(gaps);
	for (size_t i = 0; i < reader->n_chunks; i++) {
		const struct chunk_header *header = &reader->chunks[i].header;

		if (header->kind == CHUNK_EVENTS && reader->chunks[i].damaged &&
		    !reader->chunks[i].covered &&
		    is_hole(fork, streams, header->thread, header->serial))
			missing = sum(missing, header->count);
	}
	return missing;
}
