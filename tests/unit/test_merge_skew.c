// SPDX-License-Identifier: MIT
/*
 * The merge against a known truth: threads hand blocks to each other in an order that is known, and
 * each sees a clock that is off by its own, perhaps drifting, amount.
 *
 * Every allocation has a size of its own, so that a free that meets another block than the true one
 * is seen at once. Two clocks may be so far apart that a free and the allocation behind it change
 * places, never two frees or two allocations of one address: see merge.h.
 */
#include <stdlib.h>

#include "analyzer/live.h"
#include "analyzer/merge.h"
#include "common/hash.h"
#include "tests/test.h"
#include "tests/unit/made_trace.h"
#include "tests/unit/random.h"

#define THREADS_MAX 64
#define ADDRESSES 3000
#define CYCLES_PER_NS 3
#define CYCLES_PER_STAMP 64
#define WINDOW (10000 * CYCLES_PER_NS / CYCLES_PER_STAMP + 1)
#define UNDO_NS 100 /* that a realloc takes to fail */

struct simulation {
	unsigned threads, events;
	int64_t skew_ns;     /* at most, of each clock */
	uint64_t handing_ns; /* at least, from one thread to the next */
	bool drifts;
	bool counter; /* the clock is one counter of all threads */
};

struct happening {
	enum event_kind kind;
	unsigned thread;
	uint64_t address, size, time_ns;
};

struct place {
	bool live;
	unsigned thread; /* of the last event */
	uint64_t time_ns, size;
};

struct world {
	struct simulation simulation;
	struct happening *happenings; /* in their true order */
	unsigned n;
	struct place places[ADDRESSES];
	uint64_t allocations, frees, bytes;
	uint64_t state, time_ns;
};

static void happen(struct world *world, enum event_kind kind, unsigned thread, uint64_t address)
{
	struct place *place = &world->places[address];
	bool alloc = kind == EVENT_ALLOC;

	if (alloc)
		place->size = world->n + 1;
	world->happenings[world->n++] =
		(struct happening){kind, thread, address, place->size, world->time_ns};
	place->live = kind != EVENT_FREE;
	place->thread = thread;
	place->time_ns = world->time_ns;
	world->allocations += alloc;
	world->bytes += alloc ? place->size : 0;
	world->frees += kind == EVENT_FREE;
	world->frees -= kind == EVENT_UNDO;
}

/* Something that THREAD does with one block, most often with one that another thread had last. */
static void act(struct world *world)
{
	unsigned thread = (unsigned)random_below(&world->state, world->simulation.threads);
	uint64_t address = random_below(&world->state, ADDRESSES);
	const struct place *place = &world->places[address];

	world->time_ns += 1 + random_below(&world->state, 12);
	if (place->time_ns && place->thread != thread &&
	    world->time_ns < place->time_ns + world->simulation.handing_ns)
		return;
	happen(world, place->live ? EVENT_FREE : EVENT_ALLOC, thread, address);
	if (place->live || random_below(&world->state, 8))
		return;
	/* It was the free of a realloc that fails: nobody else can have had the block meanwhile. */
	world->time_ns += UNDO_NS;
	happen(world, EVENT_UNDO, thread, address);
}

static int64_t skew_of(const struct simulation *simulation, unsigned thread, uint64_t time_ns)
{
	int64_t range = 2 * simulation->skew_ns + 1;
	int64_t begin = (int64_t)(hash_mix(thread + 77) % (uint64_t)range) - simulation->skew_ns;
	int64_t end = (int64_t)(hash_mix(thread + 99) % (uint64_t)range) - simulation->skew_ns;

	/* There and back within 4 ms. */
	uint64_t phase = time_ns % 4000000;
	int64_t way = (int64_t)(phase < 2000000 ? phase : 4000000 - phase);

	return simulation->drifts ? begin + (end - begin) * way / 2000000 : begin;
}

static uint64_t stamp_of(const struct world *world, unsigned i, uint64_t before)
{
	const struct happening *happening = &world->happenings[i];
	uint64_t time =
		happening->time_ns +
		(uint64_t)skew_of(&world->simulation, happening->thread, happening->time_ns);
	uint64_t stamp =
		world->simulation.counter ? 1000 + i : time * CYCLES_PER_NS / CYCLES_PER_STAMP;

	return stamp > before ? stamp : before;
}

static void simulate(struct world *world, const struct simulation *simulation, uint64_t seed)
{
	*world = (struct world){.simulation = *simulation, .state = seed, .time_ns = 1000000};
	world->happenings = calloc(simulation->events + 2, sizeof *world->happenings);
	while (world->n < simulation->events)
		act(world);
}

/* The streams that the threads write. */
static struct trace *record(const struct world *world, struct made *made)
{
	made_begin(made);
	for (unsigned thread = 0; thread < world->simulation.threads; thread++) {
		uint32_t serial = 0;
		uint64_t stamp = 0;
		unsigned in_block = 0;

		for (unsigned i = 0; i < world->n; i++) {
			const struct happening *happening = &world->happenings[i];

			if (happening->thread != thread)
				continue;
			if (in_block == 0)
				made_block(made, thread + 1, serial++, true);
			in_block = (in_block + 1) % 300;
			stamp = stamp_of(world, i, stamp);
			if (happening->kind == EVENT_ALLOC)
				made_alloc(made, stamp, happening->address, happening->size, 0,
					   NULL);
			else
				made_event(made, happening->kind, stamp, happening->address);
		}
	}
	return made_open(made);
}

struct watching {
	struct live live;
	const struct world *world;
	unsigned next[THREADS_MAX + 1]; /* happening of each thread that comes next */
	uint64_t wrong;			/* frees of another block than in truth */
	uint64_t offers;		/* calls of the consumer */
};

static const struct happening *next_of(struct watching *watching, unsigned thread)
{
	unsigned *next = &watching->next[thread];

	while (watching->world->happenings[*next].thread != thread - 1)
		++*next;
	return &watching->world->happenings[(*next)++];
}

static enum merge_answer watch(void *arg, struct stream *stream, enum merge_try attempt,
			       uint64_t below)
{
	struct watching *watching = arg;
	const struct codec_event head = *stream->head;
	const struct heap_block *block = heap_find(&watching->live.heap, 0, head.address);
	uint64_t size = block ? block->size : 0;

	(void)below;
	watching->offers++;
	if (live_apply(&watching->live, stream, attempt) == MERGE_CANNOT)
		return MERGE_CANNOT;
	const struct happening *happening = next_of(watching, stream->number);

	if (head.kind == EVENT_FREE)
		watching->wrong += size != happening->size;
	stream_step(stream);
	return MERGE_TAKEN;
}

static struct watching merge_world(const struct world *world, struct trace *trace, uint64_t window)
{
	struct watching watching = {.world = world};
	struct streams streams;

	streams_init(&streams, trace);
	live_init(&watching.live, trace, 0);
	merge_run(&streams, window, watch, &watching);
	streams_release(&streams);
	return watching;
}

/* Whether what lives at the end is what does in truth. */
static void check_live(const struct world *world, const struct live *live)
{
	size_t n = 0;

	for (uint64_t address = 0; address < ADDRESSES; address++) {
		const struct heap_block *block = heap_find(&live->heap, 0, address);
		const struct place *place = &world->places[address];

		n += place->live;
		CHECK_EQ(block ? block->size : 0, place->live ? place->size : 0);
	}
	CHECK_EQ(live->heap.n, n);
}

static void check_totals(const struct world *world, const struct live *live)
{
	CHECK_EQ(live->events, world->n);
	CHECK_EQ(live->allocations, world->allocations);
	CHECK_EQ(live->frees, world->frees);
	CHECK_EQ(live->allocated_bytes, world->bytes);
}

static void check_exact(struct simulation simulation, unsigned rounds)
{
	static struct world world;

	for (unsigned round = 0; round < rounds; round++) {
		struct made made;

		simulate(&world, &simulation, round);
		struct trace *trace = record(&world, &made);
		struct watching watching =
			merge_world(&world, trace, simulation.counter ? 0 : WINDOW);

		CHECK_EQ(watching.wrong, 0);
		CHECK_EQ(trace->quality.unknown_frees, 0);
		CHECK_EQ(trace->quality.order_conflicts, 0);
		check_totals(&world, &watching.live);
		check_live(&world, &watching.live);
		live_release(&watching.live);
		trace_close(trace);
		made_release(&made);
		free(world.happenings);
	}
}

TEST(clocks_20_ns_apart_are_merged_exactly)
{
	for (unsigned threads = 2; threads <= 64; threads *= 2) {
		struct simulation simulation = {
			.threads = threads, .events = 20000, .skew_ns = 20, .handing_ns = 41};

		check_exact(simulation, 3);
		simulation.drifts = true;
		check_exact(simulation, 3);
	}
}

TEST(clocks_5_us_apart_are_merged_exactly_where_handing_on_takes_20_us)
{
	for (unsigned threads = 2; threads <= 64; threads *= 2) {
		struct simulation simulation = {
			.threads = threads, .events = 20000, .skew_ns = 5000, .handing_ns = 20000};

		check_exact(simulation, 3);
		simulation.drifts = true;
		check_exact(simulation, 3);
	}
}

TEST(clocks_are_merged_exactly_whenever_handing_on_takes_longer_than_they_are_apart)
{
	check_exact((struct simulation){.threads = 8,
					.events = 30000,
					.skew_ns = 4900,
					.handing_ns = 9900,
					.drifts = true},
		    4);
}

TEST(a_counter_of_the_process_is_a_total_order)
{
	check_exact((struct simulation){.threads = 16, .events = 20000, .counter = true}, 3);
}

TEST(clocks_too_far_apart_keep_the_totals_and_report_conflicts)
{
	static struct world world;

	for (unsigned threads = 2; threads <= 64; threads *= 2) {
		const struct simulation simulation = {.threads = threads,
						      .events = 20000,
						      .skew_ns = 100000,
						      .handing_ns = 41,
						      .drifts = threads % 8 == 0};
		struct made made;

		simulate(&world, &simulation, threads);
		struct trace *trace = record(&world, &made);
		struct watching watching = merge_world(&world, trace, WINDOW);

		check_totals(&world, &watching.live);
		CHECK(trace->quality.order_conflicts > 0);
		/* However many threads wait, few events are tried in vain. */
		CHECK(watching.offers < 2ull * world.n);
		live_release(&watching.live);
		trace_close(trace);
		made_release(&made);
		free(world.happenings);
	}
}
