// SPDX-License-Identifier: MIT
/*
 * One walk over a block.
 */
#include "block.h"

static void count(struct block_sums *sums, const struct raw_event *event)
{
	switch (event->kind) {
	case EVENT_ALLOC:
		sums->allocations++;
		sums->size += event->size;
		break;
	case EVENT_FREE:
		sums->frees++;
		break;
	case EVENT_UNDO:
		sums->frees -= sums->frees > 0;
		break;
	case EVENT_TRACK:
	case EVENT_UNTRACK:
	case EVENT_CLEAR:
	case EVENT_UNMAP:
		break;
	case EVENT_TIME:
		if (event->address > sums->time_ns)
			sums->time_ns = event->address;
		return;
	default:
		return;
	}
	sums->events++;
}

struct block_sums block_sum(const uint64_t *words, size_t n, bool stamped, uint64_t cutoff)
{
	struct raw_words raw = {words, n ? words + n : words, stamped, false};
	struct block_sums sums = {0};
	struct raw_event event;
	uint64_t depth = 0;

	while (raw_next(&raw, &event)) {
		if (event_fields(event.kind) & FIELD_STACK) {
			if (event.kept > depth) {
				raw.bad = true;
				break;
			}
			depth = (uint64_t)event.kept + event.pushed;
		} else if (event.kind == EVENT_MODULES) {
			depth = 0;
		}
		if (raw.stamped) {
			if (event.stamp > cutoff)
				break;
			if (!sums.first_stamp)
				sums.first_stamp = event.stamp;
			sums.last_stamp = event.stamp;
		}
		count(&sums, &event);
		sums.records++;
		sums.n_words = (size_t)(raw.at - words);
	}
	sums.bad = raw.bad;
	return sums;
}
