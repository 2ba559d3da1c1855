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

#define AHEAD_STREAMS 16  /* at most, of which the next chunks are decoded ahead */
#define AHEAD_CHUNKS 8	  /* at least, of a stream */
#define COPY_AHEAD 4	  /* nodes that stream_unfold may copy beyond what it needs */
#define MEMO_NODES 65536u /* that are remembered before all is forgotten */

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

	*stream = (struct stream){
		.trace = trace,
		.number = thread,
		.until = UINT64_MAX,
		.left = UINT64_MAX,
		.n_all_chunks = n,
	};
	stream->thread = origin_thread(&trace->inner->origin, thread);
	stream->chunks = xreallocarray(NULL, n, sizeof(*stream->chunks));
	for (size_t i = 0; i < n; i++) {
		stream->chunks[stream->n_chunks++] = pieces[i];
		streams->n_events += pieces[i]->header.count;
	}
	expect_chunk(stream);
}

/* Twice the memory, and worth a thread only for streams of some length. */
static void look_ahead(struct streams *streams, const struct reader *reader)
{
	for (size_t i = 0; i < streams->n; i++) {
		if (streams->streams[i].n_chunks < AHEAD_CHUNKS)
			continue;
		if (!streams->ahead)
			streams->ahead = ahead_new(reader);
		streams->streams[i].ahead = streams->ahead;
	}
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
	if (n_streams <= AHEAD_STREAMS)
		look_ahead(streams, &trace->inner->reader);
}

static void stream_release(struct stream *stream)
{
	decoded_release(&stream->decoded);
	free(stream->path);
	free(stream->memos);
	free(stream->memo_nodes);
	stream->path = stream->memo_nodes = NULL;
	stream->memos = NULL;
	stream->path_cap = stream->cap_memo_nodes = 0;
	stream->n_all_events = 0;
}

void streams_release(struct streams *streams)
{
	ahead_free(streams->ahead);
	for (size_t i = 0; i < streams->n; i++) {
		stream_release(&streams->streams[i]);
		ahead_forget(&streams->streams[i].job);
		free(streams->streams[i].chunks);
	}
	free(streams->streams);
	free(streams->holes);
	*streams = (struct streams){0};
}

static void path_room(struct stream *stream, size_t depth)
{
	if (depth + COPY_AHEAD < stream->path_cap)
		return;
	stream->path_cap = depth + 64;
	stream->path = xreallocarray(stream->path, stream->path_cap, sizeof *stream->path);
	stream->path[0] = STACK_ROOT;
}

/* The numbers of deltas, or what addresses stand for, are others from here on. */
static void forget_memos(struct stream *stream)
{
	if (!stream->memos)
		stream->memos = xreallocarray(NULL, STREAM_MEMOS, sizeof *stream->memos);
	memset(stream->memos, 0xff, STREAM_MEMOS * sizeof *stream->memos);
	stream->n_memo_nodes = 0;
}

/* The stack that just was unfolded: PUSHED nodes at the end of the path. */
static void remember(struct stream *stream, uint32_t base, uint32_t link, uint32_t pushed)
{
	if (stream->n_memo_nodes > MEMO_NODES)
		forget_memos(stream);
	size_t need = stream->n_memo_nodes + pushed + COPY_AHEAD;

	if (need > stream->cap_memo_nodes) {
		stream->cap_memo_nodes = need * 2;
		stream->memo_nodes = xreallocarray(stream->memo_nodes, stream->cap_memo_nodes,
						   sizeof *stream->memo_nodes);
	}
	*stream_memo(stream, base, link) =
		(struct stream_memo){base, link, stream->stack, (uint32_t)stream->n_memo_nodes};
	if (pushed)
		memcpy(&stream->memo_nodes[stream->n_memo_nodes],
		       &stream->path[stream->depth + 1 - pushed], pushed * sizeof *stream->path);
	stream->n_memo_nodes += pushed;
}

/* Puts the frames of DELTA on the path, behind the first KEPT nodes. */
static void push_frames(struct stream *stream, const struct codec_delta *delta, size_t kept)
{
	struct stacks *stacks = stream->trace->inner->stacks_of_all;
	size_t depth = kept;
	bool fresh = false;

	path_room(stream, depth + delta->pushed);
	uint32_t node = stream->path[depth];

	for (uint32_t i = 0; i < delta->pushed; i++) {
		size_t n_nodes = stacks->n_nodes;

		if (fresh)
			node = stacks_push_new(stacks, node, delta->frames[i], stream->generation);
		else
			node = stacks_push(stacks, node, delta->frames[i], stream->generation);
		fresh = stacks->n_nodes > n_nodes;
		stream->path[++depth] = node;
	}
	stream->depth = depth;
}

static void give_up(struct stream *stream)
{
	damage_add(stream->trace, stream->chunks[stream->next_chunk - 1]);
	stream->decoded.cut = false;
	stream->end = stream->head + 1;
}

uint32_t stream_unfold_slowly(struct stream *stream)
{
	uint32_t link = stream->head->link, true_depth = stream->true_depth;
	const struct codec_delta *delta = &stream->decoded.deltas[link];

	if (delta->popped < 0 || (size_t)delta->popped > stream->depth) {
		give_up(stream);
		return stream->stack = INTERN_NONE;
	}
	size_t kept = stream->depth - (size_t)delta->popped;
	uint32_t base = stream->path[kept];

	push_frames(stream, delta, kept);
	stream->stack_depth = true_depth > stream->depth ? true_depth : (uint32_t)stream->depth;
	stream->stack = stacks_get(stream->trace->inner->stacks_of_all, stream->path[stream->depth],
				   stream->stack_depth);
	stream->true_depth = 0;
	if (!true_depth)
		remember(stream, base, link, delta->pushed);
	return stream->stack;
}

void stream_note(struct stream *stream)
{
	const struct trace_origin *origin = &stream->trace->inner->origin;
	uint64_t value = stream->head->address;

	switch (stream->head->kind) {
	case EVENT_MODULES:
		if (stream->generation != origin_generation(origin, value) && stream->n_memo_nodes)
			forget_memos(stream);
		stream->generation = origin_generation(origin, value);
		stream->depth = 0;
		break;
	case EVENT_THREAD:
		stream->thread = origin_thread(origin, (uint32_t)value);
		break;
	case EVENT_DEPTH:
		stream->true_depth = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
		break;
	default:
		break;
	}
}

/* The next chunk decoded, maybe ahead of its turn, as that one then is which follows it. */
static bool decode(struct stream *stream, const struct chunk *chunk)
{
	bool loaded = stream->job.chunk ? ahead_take(stream->ahead, &stream->job, &stream->decoded)
					: decoded_load(&stream->decoded,
						       &stream->trace->inner->reader, chunk);

	if (stream->ahead && stream->next_chunk < stream->n_chunks)
		ahead_ask(stream->ahead, &stream->job, stream->chunks[stream->next_chunk]);
	return loaded;
}

/* Events of damaged chunks that stand before the one just decoded. */
static uint64_t pass_holes(struct stream *stream)
{
	uint32_t serial = stream->chunks[stream->next_chunk - 1]->header.serial;
	uint64_t count = 0;

	for (; stream->hole < stream->holes_end && stream->hole->serial <= serial; stream->hole++)
		if (stream->hole->serial < serial)
			count += stream->hole->count;
	return count;
}

/* Ends the stream behind the last event that is taken, if that is in the chunk, from number I on. */
static void end_at_cut(struct stream *stream, size_t i)
{
	struct decoded *decoded = &stream->decoded;

	for (; i < decoded->n_events && stream->left; i++)
		stream->left -= event_counts(decoded->events[i].kind);
	if (stream->left)
		return;
	decoded->n_events = i;
	decoded->cut = false;
	stream->n_chunks = stream->next_chunk;
}

/* The chunk was just decoded. */
static void cut_chunk(struct stream *stream)
{
	uint64_t damaged = pass_holes(stream);

	stream->left = damaged < stream->left ? stream->left - damaged : 0;
	end_at_cut(stream, 0);
	/* It ends in what is damaged: it cannot go on. */
	if (!stream->decoded.n_events)
		stream->n_all_events = 0;
}

static bool is_cut(const struct stream *stream)
{
	return stream->until != UINT64_MAX && !stream->left &&
	       (stream->n_chunks < stream->n_all_chunks ||
		stream->decoded.n_events < stream->n_all_events);
}

/* What was kept from it is there again: the head, and with it all that stepping to it would have done. */
static void lift_cut(struct stream *stream)
{
	struct decoded *decoded = &stream->decoded;
	bool more = decoded->n_events < stream->n_all_events;

	stream->n_chunks = stream->n_all_chunks;
	if (!more) {
		if (stream->next_chunk < stream->n_chunks)
			expect_chunk(stream);
		return;
	}
	decoded->n_events = stream->n_all_events;
	decoded->cut = stream->all_cut;
	stream->end = decoded->events + decoded->n_events;
	stream->head--;
	stream_step(stream);
}

void stream_cut(struct stream *stream, uint64_t until)
{
	uint64_t taken = stream->until == UINT64_MAX ? 0 : stream->until - stream->left;

	if (is_cut(stream))
		lift_cut(stream);
	stream->until = until;
	stream->left = until == UINT64_MAX ? UINT64_MAX : until - taken;
	if (stream_loaded(stream) && until != UINT64_MAX) {
		end_at_cut(stream, (size_t)(stream->head - stream->decoded.events));
		stream->end = stream->decoded.events + stream->decoded.n_events;
	}
	if (!stream->left)
		stream->n_chunks = stream->next_chunk;
}

/* Decodes the next chunk; false when it holds no events. */
static bool load_chunk(struct stream *stream)
{
	struct chunk *chunk = stream->chunks[stream->next_chunk++];
	struct decoded *decoded = &stream->decoded;

	if (!decode(stream, chunk)) {
		damage_add(stream->trace, chunk);
		return false;
	}
	stream->n_all_events = decoded->n_events;
	stream->all_cut = decoded->cut;
	if (stream->until != UINT64_MAX)
		cut_chunk(stream);
	if (!decoded->n_events) {
		if (decoded->cut)
			damage_add(stream->trace, chunk);
		return false;
	}
	stream->depth = 0;
	stream->generation = origin_generation(&stream->trace->inner->origin, 0);
	stream->true_depth = 0;
	stream->domain = decoded->domains;
	stream->head = decoded->events - 1;
	stream->end = decoded->events + decoded->n_events;
	path_room(stream, 0);
	forget_memos(stream);
	stream_step(stream);
	return true;
}

/* What was read of a stream that is cut is needed again when it goes on. */
static void end(struct stream *stream)
{
	if (!is_cut(stream))
		stream_release(stream);
}

bool stream_load(struct stream *stream)
{
	while (stream->head == stream->end) {
		if (stream->next_chunk == stream->n_chunks) {
			end(stream);
			return false;
		}
		load_chunk(stream);
	}
	return true;
}

bool stream_expect(struct stream *stream)
{
	if (stream->decoded.cut) {
		damage_add(stream->trace, stream->chunks[stream->next_chunk - 1]);
		stream->decoded.cut = false;
	}
	if (stream->next_chunk == stream->n_chunks) {
		end(stream);
		return false;
	}
	expect_chunk(stream);
	return true;
}
