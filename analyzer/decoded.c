// SPDX-License-Identifier: MIT
/*
 * Events chunks come out of the codec as they are wanted. Raw words, the few that a program left
 * behind in a raw block or a journal, are taken apart here: every stack is a delta of its own, and no free is linked.
 */
#include "decoded.h"

#include <stdlib.h>
#include <string.h>

#include "common/event.h"
#include "die.h"

static void *room(struct decoded *decoded, size_t size)
{
	if (size > decoded->memory_size) {
		free(decoded->memory);
		decoded->memory = xmalloc(size);
		decoded->memory_size = size;
	}
	return decoded->memory;
}

/* How much of each there is in WORDS, up to where they are no events any more. */
static size_t count(struct decoded *decoded, struct raw_words words)
{
	struct raw_event event;
	size_t n_domains = 0;

	decoded->n_events = decoded->n_deltas = decoded->n_frames = 0;
	while (raw_next(&words, &event)) {
		unsigned fields = event_fields(event.kind);

		decoded->n_events++;
		decoded->n_deltas += !!(fields & FIELD_STACK);
		decoded->n_frames += event.pushed;
		n_domains += !!(fields & FIELD_DOMAIN);
	}
	decoded->cut = words.bad;
	return n_domains;
}

/* Room for as many, behind each other. */
static void make_arrays(struct decoded *decoded, size_t n_domains)
{
	size_t events = decoded->n_events * sizeof *decoded->events;
	size_t domains = n_domains * sizeof *decoded->domains;
	size_t deltas = decoded->n_deltas * sizeof *decoded->deltas;
	char *memory = room(decoded, events + domains + deltas + 1); /* never none at all */

	decoded->events = (void *)memory;
	decoded->domains = (void *)(memory + events);
	decoded->deltas = (void *)(memory + events + domains);
}

static void fill(struct decoded *decoded, struct raw_words words)
{
	struct codec_event *at = decoded->events;
	uint64_t *domain = (uint64_t *)decoded->domains;
	struct codec_delta *deltas = (struct codec_delta *)decoded->deltas;
	struct raw_event event;
	uint32_t n = 0, depth = 0;

	while (raw_next(&words, &event)) {
		unsigned fields = event_fields(event.kind);

		*at++ = (struct codec_event){
			.address = event.address,
			.size = event.size,
			.stamp = event.stamp,
			.link = fields & FIELD_STACK ? n : CODEC_NONE,
			.kind = (uint8_t)event.kind,
			.flags = (uint8_t)event.flags,
		};
		if (fields & FIELD_DOMAIN)
			*domain++ = event.domain;
		if (event.kind == EVENT_MODULES)
			depth = 0;
		if (!(fields & FIELD_STACK))
			continue;
		deltas[n++] = (struct codec_delta){
			.frames = event.frames,
			.pushed = event.pushed,
			.popped = (int32_t)(depth - event.kept),
		};
		depth = event.kept + event.pushed;
	}
}

static bool load_block(struct decoded *decoded, struct reader *reader, const struct chunk *chunk)
{
	size_t n;

	decoded->words = reader_words(reader, chunk, &n);
	if (!decoded->words)
		return false;
	struct raw_words words = {decoded->words, decoded->words + n,
				  chunk->header.flags & CHUNK_STAMPED, false};

	make_arrays(decoded, count(decoded, words));
	fill(decoded, words);
	return true;
}

static bool load_events(struct decoded *decoded, struct reader *reader, const struct chunk *chunk)
{
	size_t size;
	const uint8_t *payload = reader_payload(reader, chunk, &size);
	struct codec_counts counts;
	struct codec_chunk codec;

	if (!payload || !codec_counts(payload, size, &counts) ||
	    !codec_decode(payload, size, chunk->header.flags & CHUNK_STAMPED,
			  room(decoded, codec_decode_size(&counts)), &codec))
		return false;
	decoded->events = codec.events;
	decoded->domains = codec.domains;
	decoded->deltas = codec.deltas;
	decoded->n_events = codec.counts.events;
	decoded->n_deltas = codec.counts.deltas;
	decoded->n_frames = codec.counts.frames;
	decoded->cut = false;
	return true;
}

bool decoded_load(struct decoded *decoded, struct reader *reader, const struct chunk *chunk)
{
	free(decoded->words);
	decoded->words = NULL;
	return chunk->words ? load_block(decoded, reader, chunk)
			    : load_events(decoded, reader, chunk);
}

void decoded_release(struct decoded *decoded)
{
	free(decoded->memory);
	free(decoded->words);
	*decoded = (struct decoded){0};
}
