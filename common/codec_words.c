// SPDX-License-Identifier: MIT
/*
 * What a payload promises, and the raw words of decoded events.
 */
#include <string.h>

#include "common/bytes.h"
#include "common/codec.h"
#include "common/event.h"
#include "common/format.h"

static bool get_counts(struct get *g, struct codec_counts *counts)
{
	uint32_t *const all[] = {&counts->words,   &counts->events, &counts->segments,
				 &counts->domains, &counts->deltas, &counts->frames};
	uint64_t most = TMZ_BLOCK_WORDS_MAX;

	for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
		uint64_t n = get_varint(g);

		if (n > most)
			g->bad = true;
		*all[i] = g->bad ? 0 : (uint32_t)n;
		most = counts->words;
	}
	return !g->bad;
}

bool codec_counts(const uint8_t *payload, size_t size, struct codec_counts *counts)
{
	struct get g = get_from(payload, size);

	/* Every event has a token. */
	return get_counts(&g, counts) && counts->events <= get_left(&g) &&
	       counts->segments <= counts->events && counts->domains <= counts->events &&
	       counts->deltas <= counts->events;
}

void codec_words(const struct codec_chunk *chunk, bool stamped, uint64_t *words)
{
	const uint64_t *domains = chunk->domains;
	uint32_t depth = 0;

	for (uint32_t i = 0; i < chunk->counts.events; i++) {
		const struct codec_event *event = &chunk->events[i];
		unsigned fields = event_fields(event->kind);
		const struct codec_delta *delta = NULL;
		uint32_t kept = 0, pushed = 0;

		if (fields & FIELD_STACK) {
			delta = &chunk->deltas[event->link];
			kept = (uint32_t)((int64_t)depth - delta->popped);
			pushed = delta->pushed;
			depth = (kept < depth ? kept : depth) + pushed;
		}
		if (event->kind == EVENT_MODULES)
			depth = 0;
		if (event->kind == EVENT_CLOCK_ON)
			stamped = true;
		*words++ = event_head((enum event_kind)event->kind, event->flags, kept, pushed);
		if (fields & (FIELD_ADDRESS | FIELD_VALUE))
			*words++ = event->address;
		if (fields & FIELD_SIZE)
			*words++ = event->size;
		if (fields & FIELD_DOMAIN)
			*words++ = *domains++;
		if (stamped)
			*words++ = event->stamp;
		if (pushed)
			memcpy(words, delta->frames, pushed * sizeof *words);
		words += pushed;
	}
}
