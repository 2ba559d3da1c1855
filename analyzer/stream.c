// SPDX-License-Identifier: MIT
/*
 * Streams out of chunks. Stacks are unfolded here, as they depend on the event before: by the time
 * an event is the head of its stream its stack is a node of the trace's tree.
 */
#include "stream.h"

#include <stdlib.h>

#include "damage.h"
#include "die.h"
#include "pieces.h"

#define AHEAD 8 /* events between the head and stream_ahead: what one memory access takes */

/* The key that the next chunk begins with, as far as its header tells. */
static void expect_chunk(struct stream *stream)
{
	const struct chunk_header *header = &stream->chunks[stream->next_chunk]->header;

	if (header->flags & CHUNK_STAMPED && header->first_stamp > stream->key)
		stream->key = header->first_stamp;
}

static void add_stream(struct streams *streams, struct trace *trace, struct chunk **pieces,
		       size_t n)
{
	struct stream *stream = &streams->streams[streams->n++];
	uint32_t thread = pieces[0]->header.thread;

	*stream = (struct stream){.trace = trace, .number = thread, .thread = thread};
	stream->chunks = xreallocarray(NULL, n, sizeof(*stream->chunks));
	for (size_t i = 0; i < n; i++) {
		stream->chunks[stream->n_chunks++] = pieces[i];
		streams->n_events += pieces[i]->header.count;
	}
	expect_chunk(stream);
}

void streams_init(struct streams *streams, struct trace *trace)
{
	size_t n, n_streams = 0, begin = 0;
	struct chunk **pieces = pieces_find(&trace->inner->reader, &n);

	for (size_t i = 0; i < n; i++)
		n_streams += i == 0 || pieces[i]->header.thread != pieces[i - 1]->header.thread;
	*streams = (struct streams){.streams = xcalloc(n_streams, sizeof *streams->streams)};
	for (size_t i = 1; i <= n; i++) {
		if (i < n && pieces[i]->header.thread == pieces[begin]->header.thread)
			continue;
		add_stream(streams, trace, pieces + begin, i - begin);
		begin = i;
	}
	free(pieces);
}

static void drop_words(struct stream *stream)
{
	free(stream->words);
	stream->words = NULL;
}

static void stream_release(struct stream *stream)
{
	drop_words(stream);
	free(stream->path);
	stream->path = NULL;
	stream->path_cap = 0;
}

void streams_release(struct streams *streams)
{
	for (size_t i = 0; i < streams->n; i++) {
		stream_release(&streams->streams[i]);
		free(streams->streams[i].chunks);
	}
	free(streams->streams);
	*streams = (struct streams){0};
}

static void path_room(struct stream *stream, size_t depth)
{
	if (depth < stream->path_cap)
		return;
	stream->path_cap = depth + 64;
	stream->path = xreallocarray(stream->path, stream->path_cap, sizeof *stream->path);
	stream->path[0] = STACK_ROOT;
}

/* Unfolds the stack of the head; false when it keeps more frames than there were. */
static bool unfold(struct stream *stream)
{
	const struct raw_event *event = &stream->event;
	struct stacks *stacks = &stream->trace->inner->stacks;
	size_t depth = event->kept;
	bool fresh = false;

	if (depth > stream->depth)
		return false;
	path_room(stream, depth + event->pushed);
	uint32_t node = stream->path[depth];

	for (uint32_t i = 0; i < event->pushed; i++) {
		size_t n_nodes = stacks->n_nodes;

		if (fresh)
			node = stacks_push_new(stacks, node, event->frames[i], stream->generation);
		else
			node = stacks_push(stacks, node, event->frames[i], stream->generation);
		fresh = stacks->n_nodes > n_nodes;
		stream->path[++depth] = node;
	}
	stream->depth = depth;
	stream->node = node;
	stream->stack_depth =
		stream->true_depth > depth ? (uint32_t)stream->true_depth : (uint32_t)depth;
	stream->true_depth = 0;
	return true;
}

/* Takes the next event of the loaded chunk as the head. False at its end. */
static bool next_event(struct stream *stream)
{
	const uint64_t *begin = stream->raw.at;

	if (!raw_next(&stream->raw, &stream->event))
		return false;
	switch (stream->event.kind) {
	case EVENT_ALLOC:
	case EVENT_TRACK:
		if (!unfold(stream)) {
			stream->raw.at = begin;
			stream->raw.bad = true;
			return false;
		}
		break;
	case EVENT_MODULES:
		stream->generation = (uint32_t)stream->event.address;
		stream->depth = 0;
		break;
	case EVENT_THREAD:
		stream->thread = (uint32_t)stream->event.address;
		break;
	case EVENT_DEPTH:
		stream->true_depth =
			stream->event.address < UINT32_MAX ? stream->event.address : UINT32_MAX;
		break;
	default:
		break;
	}
	if (stream->raw.stamped && stream->event.stamp > stream->key)
		stream->key = stream->event.stamp;
	return true;
}

/* Decodes the next chunk; false when it holds nothing valid. */
static bool load_chunk(struct stream *stream)
{
	struct chunk *chunk = stream->chunks[stream->next_chunk++];
	size_t n;

	stream->words = reader_words(&stream->trace->inner->reader, chunk, &n);
	if (!stream->words) {
		damage_add(stream->trace, chunk);
		return false;
	}
	stream->raw = (struct raw_words){
		.at = stream->words,
		.end = stream->words + n,
		.stamped = chunk->header.flags & CHUNK_STAMPED,
	};
	stream->ahead = stream->raw;
	for (int i = 0; i < AHEAD; i++)
		stream_ahead(stream);
	stream->depth = 0;
	stream->generation = 0;
	stream->true_depth = 0;
	path_room(stream, 0);
	return true;
}

bool stream_load(struct stream *stream)
{
	while (!stream->words) {
		if (stream->next_chunk == stream->n_chunks) {
			stream_release(stream);
			return false;
		}
		if (load_chunk(stream) && !next_event(stream)) {
			if (stream->raw.bad)
				damage_add(stream->trace, stream->chunks[stream->next_chunk - 1]);
			drop_words(stream);
		}
	}
	return true;
}

bool stream_advance(struct stream *stream)
{
	if (next_event(stream))
		return true;
	if (stream->raw.bad)
		damage_add(stream->trace, stream->chunks[stream->next_chunk - 1]);
	drop_words(stream);
	if (stream->next_chunk == stream->n_chunks) {
		stream_release(stream);
		return false;
	}
	expect_chunk(stream);
	return true;
}
