// SPDX-License-Identifier: MIT
/*
 * Replays of mappings against a map of all pages, which knows of each page what it belongs to.
 */
#include "analyzer/mapped.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analyzer/die.h"
#include "common/hash.h"
#include "tests/test.h"
#include "tests/unit/random.h"
#include "tests/unit/taken.h"

#define PAGE 4096u
#define PAGES 96u
#define EVENTS 2000u
#define MOMENTS 16u
#define DEPTHS 40u
#define MANY 30000u

enum access { NONE, RESERVED, OPEN };

struct page {
	enum access access;
	unsigned origin; /* of an open one: number of the event that opened it */
};

/* What is known after an event. */
struct known {
	uint64_t size, count, sum;
};

struct history {
	struct made made;
	uint64_t state;
	struct page pages[PAGES], before[PAGES]; /* now, and before the last unmap */
	bool blocks[PAGES];			 /* of the heap, each of 24 bytes */
	unsigned n;
	uint32_t serial;
	struct known known[EVENTS + 1];
	unsigned peak;
};

/* Stacks are told from each other by their depth. */
static uint32_t depth_of(unsigned origin)
{
	return 1 + origin % DEPTHS;
}

static uint64_t sum_of(uint64_t address, uint64_t size, uint64_t depth)
{
	return hash_mix(hash_mix(address) ^ hash_mix(size << 8 ^ depth));
}

/* The traces are the runs of open pages of one origin. */
static struct known look(const struct history *h)
{
	struct known known = {0};

	for (unsigned i = 0, n; i < PAGES; i += n) {
		for (n = 1; i + n < PAGES && h->pages[i + n].access == h->pages[i].access &&
			    h->pages[i + n].origin == h->pages[i].origin;)
			n++;
		if (h->pages[i].access != OPEN)
			continue;
		known.count++;
		known.size += (uint64_t)n * PAGE;
		known.sum += sum_of(i * PAGE, (uint64_t)n * PAGE, depth_of(h->pages[i].origin));
	}
	for (unsigned i = 0; i < PAGES; i++) {
		known.count += h->blocks[i];
		known.size += h->blocks[i] ? 24 : 0;
		known.sum += h->blocks[i] ? sum_of(i * PAGE, 24, 1) : 0;
	}
	return known;
}

static void note(struct history *h)
{
	h->known[h->n] = look(h);
	if (h->known[h->n].size > h->known[h->peak].size)
		h->peak = h->n;
}

static void put(struct history *h, enum event_kind kind, unsigned flags, unsigned page, unsigned n)
{
	static const uint64_t frames[DEPTHS + 1];
	bool track = kind == EVENT_TRACK;

	h->n++;
	made_delta(&h->made, &(struct raw_event){
				     .kind = kind,
				     .flags = flags,
				     .address = page * PAGE,
				     .size = n * PAGE,
				     .domain = track ? DOMAIN_MAPPED : 0,
				     .pushed = track ? depth_of(h->n) : 0,
				     .frames = frames,
			     });
}

static void map(struct history *h, unsigned page, unsigned n, bool reserved)
{
	put(h, EVENT_TRACK, reserved ? EVENT_RESERVED : 0, page, n);
	for (unsigned i = page; i < page + n; i++)
		h->pages[i] = reserved ? (struct page){RESERVED, 0} : (struct page){OPEN, h->n};
	note(h);
}

static void unmap(struct history *h, unsigned page, unsigned n, bool fails)
{
	memcpy(h->before, h->pages, sizeof h->before);
	put(h, EVENT_UNMAP, 0, page, n);
	memset(&h->pages[page], 0, n * sizeof *h->pages);
	note(h);
	if (!fails || h->n == EVENTS)
		return;
	if (random_below(&h->state, 8) == 0)
		made_block(&h->made, 1, ++h->serial, false);
	put(h, EVENT_UNDO, 0, 0, 0);
	memcpy(h->pages, h->before, sizeof h->before);
	note(h);
}

/* mprotect: with access, what had none gets it; and the other way round. */
static void protect(struct history *h, unsigned page, unsigned n, bool access)
{
	if (access)
		put(h, EVENT_TRACK, EVENT_COMMIT, page, n);
	else
		put(h, EVENT_UNMAP, EVENT_RESERVED, page, n);
	for (unsigned i = page; i < page + n; i++) {
		if (access && h->pages[i].access == RESERVED)
			h->pages[i] = (struct page){OPEN, h->n};
		else if (!access && h->pages[i].access == OPEN)
			h->pages[i] = (struct page){RESERVED, 0};
	}
	note(h);
}

static void allocate_or_free(struct history *h, unsigned i)
{
	h->n++;
	if (h->blocks[i])
		made_event(&h->made, EVENT_FREE, 0, i * PAGE);
	else
		made_alloc(&h->made, 0, i * PAGE, 24, 1, (uint64_t[]){0x77});
	h->blocks[i] = !h->blocks[i];
	note(h);
}

/* UNDOS: some unmaps fail. CHURN: so much in ten of the heap. */
static void act(struct history *h, bool undos, unsigned churn)
{
	unsigned page = (unsigned)random_below(&h->state, PAGES);
	unsigned n = 1 + (unsigned)random_below(&h->state, random_below(&h->state, 4) ? 6 : PAGES);
	unsigned what = (unsigned)random_below(&h->state, 10);

	n = n < PAGES - page ? n : PAGES - page;
	if (random_below(&h->state, 10) < churn)
		allocate_or_free(h, page);
	else if (what < 4)
		map(h, page, n, what == 0);
	else if (what < 6)
		protect(h, page, n, what == 4);
	else
		unmap(h, page, n, undos && what == 9);
}

static struct known sum(const struct snapshot *snapshot)
{
	struct known known = {.size = snapshot->size, .count = snapshot->n_traces};

	for (size_t i = 0; i < snapshot->n_traces; i++)
		known.sum += sum_of(snapshot->traces[i].address, snapshot->traces[i].size,
				    snapshot->traces[i].total_nframe);
	return known;
}

static bool check_moment(struct history *h, const struct snapshot *snapshot, unsigned event)
{
	struct known known = sum(snapshot);

	return CHECK_EQ(snapshot->event, event) && CHECK_EQ(known.size, h->known[event].size) &&
	       CHECK_EQ(known.count, h->known[event].count) &&
	       CHECK_EQ(known.sum, h->known[event].sum);
}

static void check_totals(const struct history *h, const struct replay_totals *totals)
{
	uint64_t reserved = 0;

	for (unsigned i = 0; i < PAGES; i++)
		reserved += h->pages[i].access == RESERVED ? PAGE : 0;
	CHECK_EQ(totals->reserved_size, reserved);
	CHECK_EQ(totals->events, h->n);
	CHECK_EQ(totals->live_size, h->known[h->n].size);
	CHECK_EQ(totals->live_count, h->known[h->n].count);
	CHECK_EQ(totals->peak_size, h->known[h->peak].size);
	CHECK_EQ(totals->peak_count, h->known[h->peak].count);
	CHECK_EQ(totals->peak_event, h->peak);
}

static bool check(struct history *h)
{
	struct moment moments[MOMENTS + 1];
	struct snapshot *snapshots[MOMENTS + 1];
	struct replay_totals totals;
	unsigned events[MOMENTS + 1];
	char texts[MOMENTS][32];
	char *message = NULL;
	bool good = true;

	moment_parse("peak", &moments[MOMENTS]);
	events[MOMENTS] = h->peak;
	for (size_t i = 0; i < MOMENTS; i++) {
		events[i] = i ? (unsigned)random_below(&h->state, h->n + 1) : h->n;
		snprintf(texts[i], sizeof texts[i], "event:%u", events[i]);
		moment_parse(texts[i], &moments[i]);
	}
	struct trace *trace = made_open(&h->made);
	struct frames *frames = frames_new();

	if (!CHECK_EQ(replay(trace, moments, MOMENTS + 1, frames, NULL, snapshots, &totals, NULL,
			     NULL, &message),
		      0))
		return false;
	CHECK_EQ(trace->quality.unknown_frees + trace->quality.order_conflicts, 0);
	check_totals(h, &totals);
	for (size_t i = 0; i <= MOMENTS; i++) {
		good = good && check_moment(h, snapshots[i], events[i]);
		snapshot_free(snapshots[i]);
	}
	frames_free(frames);
	trace_close(trace);
	return good;
}

static void random_walk(uint64_t seed, bool undos, unsigned churn)
{
	struct history *h = xcalloc(1, sizeof *h);

	h->state = seed;
	made_begin(&h->made);
	made_block(&h->made, 1, 0, false);
	while (h->n < EVENTS)
		act(h, undos, churn);
	if (!check(h))
		fprintf(stderr, "    seed %llu\n", (unsigned long long)seed);
	made_release(&h->made);
	free(h);
}

TEST(mappings_are_as_on_a_map_of_all_pages)
{
	for (uint64_t seed = 0; seed < 50; seed++)
		random_walk(seed, true, (unsigned)seed % 10);
}

TEST(and_so_they_are_between_blocks_that_live_in_one_chunk_only)
{
	for (uint64_t seed = 100; seed < 120; seed++)
		random_walk(seed, false, 9);
}

/* The live traces at the end as "ADDRESS+SIZE ..." in pages, in the order of their addresses. */
static void check_end(struct made *made, const char *wanted, uint64_t reserved)
{
	struct moment moment;
	struct snapshot *snapshot;
	struct replay_totals totals;
	char *message = NULL, text[256] = "";
	size_t at = 0;

	moment_parse("end", &moment);
	struct trace *trace = made_open(made);
	struct frames *frames = frames_new();

	CHECK_EQ(replay(trace, &moment, 1, frames, NULL, &snapshot, &totals, NULL, NULL, &message),
		 0);
	for (uint64_t page = 0; page < PAGES; page++)
		for (size_t i = 0; i < snapshot->n_traces; i++)
			if (snapshot->traces[i].address == page * PAGE)
				at += (size_t)snprintf(text + at, sizeof text - at, "%s%u+%u",
						       at ? " " : "", (unsigned)page,
						       (unsigned)(snapshot->traces[i].size / PAGE));
	CHECK_STR(text, wanted);
	CHECK_EQ(totals.reserved_size, reserved * PAGE);
	snapshot_free(snapshot);
	frames_free(frames);
	trace_close(trace);
	made_release(made);
}

static void put_at(struct made *made, enum event_kind kind, unsigned flags, uint64_t stamp,
		   uint64_t page, uint64_t n)
{
	made_delta(made, &(struct raw_event){
				 .kind = kind,
				 .flags = flags,
				 .address = page * PAGE,
				 .size = n * PAGE,
				 .domain = event_fields(kind) & FIELD_DOMAIN ? DOMAIN_MAPPED : 0,
				 .stamp = stamp,
			 });
}

TEST(what_mremap_moves_has_access_or_none_as_before)
{
	struct made made;

	begin(&made);
	put_at(&made, EVENT_TRACK, EVENT_RESERVED, 0, 1, 4);
	put_at(&made, EVENT_UNMAP, EVENT_RESIZE, 0, 1, 4);
	put_at(&made, EVENT_TRACK, EVENT_RESIZE, 0, 20, 8);
	put_at(&made, EVENT_TRACK, 0, 0, 40, 2);
	put_at(&made, EVENT_UNMAP, EVENT_RESIZE, 0, 40, 2);
	put_at(&made, EVENT_TRACK, EVENT_RESIZE, 0, 50, 1);
	put_at(&made, EVENT_UNMAP, EVENT_RESIZE, 0, 70, 2); /* of nobody knows what */
	put_at(&made, EVENT_TRACK, EVENT_RESIZE, 0, 70, 3);
	check_end(&made, "50+1 70+3", 8);
}

TEST(a_program_may_end_a_mapping_as_a_trace_of_a_domain)
{
	struct made made;

	begin(&made);
	put_at(&made, EVENT_TRACK, 0, 0, 1, 4);
	put_at(&made, EVENT_TRACK, 0, 0, 10, 4);
	put_at(&made, EVENT_TRACK, 0, 0, 10, 0); /* of no bytes: none */
	put_at(&made, EVENT_UNTRACK, 0, 0, 2, 0);
	put_at(&made, EVENT_UNTRACK, 0, 0, 1, 0);
	check_end(&made, "10+4", 0);
}

TEST(clear_forgets_mappings_and_what_is_reserved)
{
	struct made made;

	begin(&made);
	put_at(&made, EVENT_TRACK, 0, 0, 1, 4);
	put_at(&made, EVENT_TRACK, EVENT_RESERVED, 0, 10, 4);
	made_event(&made, EVENT_CLEAR, 0, 0);
	put_at(&made, EVENT_TRACK, EVENT_COMMIT, 0, 1, 20);
	put_at(&made, EVENT_TRACK, 0, 0, 2, 1);
	check_end(&made, "2+1", 0);
}

/* Thread 1 frees a block that is unknown, waits with it and so comes late with what follows. */
TEST(an_unmap_that_comes_late_takes_nothing_newer)
{
	struct made made;

	made_begin(&made);
	made_block(&made, 1, 0, true);
	put_at(&made, EVENT_TRACK, 0, 10, 4, 4);
	made_event(&made, EVENT_FREE, 20, 0x123450);
	put_at(&made, EVENT_UNMAP, 0, 21, 4, 4);
	made_block(&made, 2, 0, true);
	put_at(&made, EVENT_TRACK, 0, 15, 30, 1);
	put_at(&made, EVENT_TRACK, 0, 30, 5, 2);
	check_end(&made, "5+2 30+1", 0);
}

/* And what it maps may be unmapped by then, by a thread to which it gave it. */
TEST(a_mapping_that_comes_late_is_what_was_not_unmapped_since)
{
	struct made made;

	made_begin(&made);
	made_block(&made, 1, 0, true);
	put_at(&made, EVENT_UNMAP, 0, 10, 20, 8);
	made_event(&made, EVENT_FREE, 20, 0x123450);
	put_at(&made, EVENT_TRACK, 0, 21, 20, 8);
	made_block(&made, 2, 0, true);
	put_at(&made, EVENT_TRACK, 0, 15, 30, 1);
	put_at(&made, EVENT_UNMAP, 0, 25, 22, 2);
	put_at(&made, EVENT_TRACK, 0, 30, 22, 1);
	check_end(&made, "20+2 22+1 24+4 30+1", 0);
}

TEST(a_mapping_may_reach_to_the_end_of_all_addresses)
{
	struct made made;

	begin(&made);
	made_delta(&made, &(struct raw_event){.kind = EVENT_TRACK,
					      .address = UINT64_MAX - 10,
					      .size = UINT64_MAX,
					      .domain = DOMAIN_MAPPED});
	put_at(&made, EVENT_TRACK, 0, 0, 2, 1);
	made_delta(&made, &(struct raw_event){
				  .kind = EVENT_UNMAP, .address = 5 * PAGE, .size = UINT64_MAX});
	check_end(&made, "2+1", 0);
}

/* Every second page of many, none beside another: those that stay as they are are not looked at. */
static void protect_all_again(unsigned mapped, enum event_kind kind, unsigned flags,
			      uint64_t reserved)
{
	struct made made;
	clock_t started;

	begin(&made);
	for (unsigned i = 0; i < MANY; i++)
		put_at(&made, EVENT_TRACK, mapped, 0, 2 * i + 1000, 1);
	for (unsigned i = 0; i < MANY; i++)
		put_at(&made, kind, flags, 0, 1000, 2 * MANY);
	started = clock();
	check_end(&made, "", reserved);
	CHECK((clock() - started) / CLOCKS_PER_SEC < 5);
}

TEST(access_that_is_set_again_and_again_meets_nothing)
{
	protect_all_again(EVENT_RESERVED, EVENT_UNMAP, EVENT_RESERVED, MANY);
	protect_all_again(0, EVENT_TRACK, EVENT_COMMIT, 0);
}
