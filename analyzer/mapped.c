// SPDX-License-Identifier: MIT
/*
 * Every change is made of two: a range ends, and a range begins.
 */
#include "mapped.h"

#include "live.h"

void mapped_release(struct mapped *mapped)
{
	ranges_release(&mapped->ranges[false]);
	ranges_release(&mapped->ranges[true]);
	*mapped = (struct mapped){0};
}

void mapped_clear(struct mapped *mapped)
{
	ranges_release(&mapped->ranges[false]);
	ranges_release(&mapped->ranges[true]);
	mapped->reserved = 0;
	mapped->n_recent = 0;
}

static void settle(struct ranges *ranges)
{
	struct range *range;

	for (uint64_t at = 0; (range = ranges_find(ranges, at)); at = range->end)
		range->stamp = 0;
}

void mapped_settle(struct mapped *mapped)
{
	settle(&mapped->ranges[false]);
	settle(&mapped->ranges[true]);
	mapped->n_recent = mapped->last_unmap = 0;
}

/* The first range, of either kind, that ends behind ADDRESS. */
static const struct range *find(const struct live *live, uint64_t address)
{
	const struct range *open = ranges_find(&live->mapped.ranges[false], address);
	const struct range *reserved = ranges_find(&live->mapped.ranges[true], address);

	return !open || (reserved && reserved->start < open->start) ? reserved : open;
}

static void begin_range(struct live *live, const struct range *range)
{
	struct heap_block block = {
		.address = range->start,
		.size = range->end - range->start,
		.stack = range->stack,
		.domain = DOMAIN_MAPPED,
		.thread = range->thread,
	};

	ranges_add(&live->mapped.ranges[range->reserved], range);
	if (range->reserved)
		live->mapped.reserved += block.size;
	else
		peak_added(&live->peak, &live->heap, heap_add(&live->heap, &block), live->events,
			   live->time_ns);
}

static void end_range(struct live *live, const struct range *range)
{
	ranges_remove(&live->mapped.ranges[range->reserved], range->start);
	if (range->reserved) {
		live->mapped.reserved -= range->end - range->start;
		return;
	}
	struct heap_block *block = heap_find(&live->heap, DOMAIN_MAPPED, range->start);

	peak_removed(&live->peak, block);
	heap_remove(&live->heap, block);
}

/* Of one kind. Pieces of one range that lie side by side are one again; address space is all alike. */
static bool joins(const struct range *a, const struct range *b)
{
	return a->reserved || a->origin == b->origin;
}

static void add(struct live *live, struct range range)
{
	const struct ranges *ranges = &live->mapped.ranges[range.reserved];
	const struct range *left = range.start ? ranges_find(ranges, range.start - 1) : NULL;

	if (left && left->end == range.start && joins(left, &range)) {
		struct range copy = *left;

		end_range(live, &copy);
		range.start = copy.start;
	}
	const struct range *right = ranges_find(ranges, range.end);

	if (right && right->start == range.end && joins(right, &range)) {
		struct range copy = *right;

		end_range(live, &copy);
		range.end = copy.end;
	}
	begin_range(live, &range);
}

/* The part of a range goes; what lies before and behind it stays. */
static void cut(struct live *live, const struct range *whole, const struct range *part)
{
	struct range left = *whole, right = *whole;

	end_range(live, whole);
	left.end = part->start;
	right.start = part->end;
	if (left.start < left.end)
		begin_range(live, &left);
	if (right.start < right.end)
		begin_range(live, &right);
}

/* Walks what lies from `at` to `end` and is no newer than `stamp`. */
struct walk {
	uint64_t at, end, stamp;
	struct range whole, part; /* a range, and what of it lies there */
	enum { BOTH, WITH_ACCESS, WITHOUT } kind;
};

static struct walk walk_head(const struct stream *stream)
{
	const struct codec_event *head = stream->head;
	uint64_t end = head->address + head->size;

	return (struct walk){
		.at = head->address,
		.end = end < head->address ? UINT64_MAX : end,
		.stamp = head->stamp,
	};
}

static const struct range *walk_find(const struct live *live, const struct walk *walk)
{
	return walk->kind == BOTH
		       ? find(live, walk->at)
		       : ranges_find(&live->mapped.ranges[walk->kind == WITHOUT], walk->at);
}

static bool walk_next(const struct live *live, struct walk *walk)
{
	const struct range *range;

	while (walk->at < walk->end && (range = walk_find(live, walk)) &&
	       range->start < walk->end) {
		walk->whole = walk->part = *range;
		if (walk->part.start < walk->at)
			walk->part.start = walk->at;
		if (walk->part.end > walk->end)
			walk->part.end = walk->end;
		walk->at = walk->part.end;
		if (range->stamp <= walk->stamp)
			return true;
	}
	return false;
}

/* As `range`, for all that had no access. */
static void commit(struct live *live, struct walk walk, const struct range *range)
{
	walk.kind = WITHOUT;
	while (walk_next(live, &walk)) {
		struct range part = *range;

		part.start = walk.part.start;
		part.end = walk.part.end;
		cut(live, &walk.whole, &walk.part);
		add(live, part);
	}
}

/* What of the range overlaps none, piece by piece. */
static void fill(struct live *live, const struct range *range)
{
	for (uint64_t at = range->start; at < range->end;) {
		const struct range *next = find(live, at);
		struct range gap = *range;

		gap.start = at;
		at = range->end;
		if (next && next->start < range->end) {
			gap.end = next->start;
			at = next->end;
		}
		if (gap.start < gap.end)
			add(live, gap);
	}
}

/* The event comes late: parts of its range may have been unmapped before its turn came. */
static void unmap_since(struct live *live, const struct range *range)
{
	for (size_t i = 0; i < live->mapped.n_recent && i < MAPPED_RECENT; i++) {
		const struct range *gone = &live->mapped.recent[i];
		struct walk walk = {.at = gone->start, .end = gone->end, .stamp = range->stamp};

		while (gone->stamp > range->stamp && walk_next(live, &walk))
			if (walk.whole.origin == range->origin)
				cut(live, &walk.whole, &walk.part);
	}
}

static void replace(struct live *live, struct walk walk, const struct range *range)
{
	while (walk_next(live, &walk))
		cut(live, &walk.whole, &walk.part);
	fill(live, range); /* around what is newer, of which nothing was taken */
	if (range->stamp < live->mapped.last_unmap)
		unmap_since(live, range);
}

void mapped_track(struct live *live, struct stream *stream, const struct last_free *last)
{
	struct walk walk = walk_head(stream);
	unsigned flags = stream->head->flags;
	struct range range = {
		.start = walk.at,
		.end = walk.end,
		.stamp = walk.stamp,
		.origin = ++live->mapped.n_tracks,
		.stack = live_unfold(live, stream),
		.thread = stream->thread,
		.reserved = flags & EVENT_RESERVED,
	};

	if (range.stack == INTERN_NONE || range.start == range.end)
		return;
	/* What mremap moves has access or none as before. */
	if (flags & EVENT_RESIZE && last->n_pieces)
		range.reserved = last->pieces[0].reserved;
	if (flags & EVENT_COMMIT)
		commit(live, walk, &range);
	else
		replace(live, walk, &range);
}

static void reserve(struct live *live, struct walk walk)
{
	walk.kind = WITH_ACCESS;
	while (walk_next(live, &walk)) {
		cut(live, &walk.whole, &walk.part);
		walk.part.reserved = true;
		add(live, walk.part);
	}
}

static void take(struct live *live, struct walk walk, struct last_free *last)
{
	while (walk_next(live, &walk)) {
		last_free_add(last, &walk.part);
		cut(live, &walk.whole, &walk.part);
	}
}

void mapped_unmap(struct live *live, const struct stream *stream, struct last_free *last)
{
	struct walk walk = walk_head(stream);

	live->events++;
	if (stream->head->flags & EVENT_RESERVED) {
		reserve(live, walk);
		return;
	}
	last_free_note(last, false);
	live->mapped.recent[live->mapped.n_recent++ % MAPPED_RECENT] =
		(struct range){.start = walk.at, .end = walk.end, .stamp = walk.stamp};
	if (walk.stamp > live->mapped.last_unmap)
		live->mapped.last_unmap = walk.stamp;
	take(live, walk, last);
}

void mapped_untrack(struct live *live, uint64_t address, struct last_free *last)
{
	const struct range *range = find(live, address);

	if (range && range->start == address)
		take(live, (struct walk){.at = address, .end = range->end, .stamp = UINT64_MAX},
		     last);
}

void mapped_restore(struct live *live, const struct last_free *last)
{
	for (size_t i = 0; i < last->n_pieces; i++)
		fill(live, &last->pieces[i]);
}
