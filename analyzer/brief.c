// SPDX-License-Identifier: MIT
/*
 * Which allocations of a chunk are brief is found out beforehand, from its frees.
 */
#include "brief.h"

#include <stdlib.h>

#include "die.h"

#define EVENTS_FEW 256 /* of which it is not worth it */

/* What may be about any block of the heap. *DOMAINS steps over what the event has of them. */
static bool is_rare(unsigned kind, const uint64_t **domains)
{
	if (kind == EVENT_TRACK || kind == EVENT_UNTRACK)
		return (uint32_t) * (*domains)++ == DOMAIN_HEAP;
	return kind == EVENT_UNDO || kind == EVENT_CLEAR || kind == EVENT_THREAD ||
	       kind >= EVENT_START;
}

bool brief_begin(struct brief *brief, struct stream *stream)
{
	const struct decoded *decoded = &stream->decoded;
	const uint64_t *domains = decoded->domains;
	uint32_t n = 0;

	if (decoded->n_events < EVENTS_FEW || decoded->n_events > BRIEF_EVENT)
		return false;
	if (decoded->n_events > brief->cap) {
		free(brief->allocations);
		brief->cap = decoded->n_events;
		brief->allocations = xreallocarray(NULL, brief->cap, sizeof *brief->allocations);
	}
	for (uint32_t i = 0; i < decoded->n_events; i++) {
		const struct codec_event *event = &decoded->events[i];

		if (event->kind == EVENT_ALLOC)
			brief->allocations[n++] = i;
		else if (event->kind == EVENT_FREE && event->link < n)
			brief->allocations[event->link] |= BRIEF_DIES;
		else if (is_rare(event->kind, &domains))
			return false;
	}
	brief->stream = stream;
	brief->n_seen = brief->n = 0;
	brief->freed = NULL;
	return true;
}

void brief_end(struct brief *brief, struct heap *heap)
{
	for (uint32_t i = 0; i < brief->n_seen && brief->n; i++) {
		if (!(brief->allocations[i] & BRIEF_LIVES))
			continue;
		struct heap_block block = brief_block(brief, brief_event(brief, i));

		heap->n--;
		heap->size -= block.size;
		heap_add(heap, &block);
		brief->n--;
	}
	brief->stream = NULL;
}

void brief_release(struct brief *brief)
{
	free(brief->allocations);
	*brief = (struct brief){0};
}
