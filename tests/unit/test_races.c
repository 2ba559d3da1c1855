// SPDX-License-Identifier: MIT
/*
 * The whole way of an event by many threads at once, for TSan: hooks, stack walks, blocks in a
 * journal, chunks, names, requests from outside, threads that begin and end; then the analyzer reads
 * what came of it. The file is memory that is there already: the sink must not allocate, since
 * threads end in it.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analyzer/replay.h"
#include "common/event.h"
#include "preload/journal.h"
#include "preload/labels.h"
#include "preload/live_table.h"
#include "preload/modules.h"
#include "preload/process.h"
#include "preload/record.h"
#include "preload/remote.h"
#include "tests/test.h"
#include "tests/unit/hooks.h"
#include "tests/unit/made_trace.h"

#define IDENTITY 0x7ace5
#define THREADS 4
#define ROUNDS 12000
#define BRIEF_THREADS 60
#define BRIEF_ROUNDS 50
#define PLACES 256
#define REQUESTS 40

static struct {
	uint8_t bytes[48 << 20];
	size_t size;
} file;

static int put(void *arg, const void *bytes, size_t size, uint64_t offset)
{
	(void)arg;
	if (offset + size > sizeof file.bytes)
		return -ENOSPC;
	memcpy(file.bytes + offset, bytes, size);
	file.size = offset + size > file.size ? offset + size : file.size;
	return 0;
}

static void start_recording(bool live)
{
	static const struct sink sink = {.put = put};

	file.size = 0;
	renew_recorder();
	CHECK_EQ(journal_create(test_path("races.tmz"), IDENTITY), 0);
	CHECK_EQ(writer_start(&sink, IDENTITY, (const uint8_t *)"", 0), 0);
	modules_new_trace();
	CHECK(thread_new_trace());
	labels_new_trace();
	recording.closed = false;
	recording.has_trace = true;
	recording.live = live;
	if (live)
		live_start();
	epoch->mode = live ? MODE_LIVE : MODE_RECORDING;
	remote_settle(IDENTITY);
}

static void stop_and_remove(void)
{
	stop_recording();
	recording.has_trace = recording.live = false;
	journal_remove();
}

/* An address is one thread's at a time, as an allocator sees to it. */
enum place { EMPTY, FULL, IN_HANDS };

static int places[PLACES];
static uint64_t allocations, frees, marks;

static __attribute__((noinline)) void allocate_deep(uint64_t address, unsigned depth)
{
	if (depth) {
		allocate_deep(address, depth - 1);
		__asm__ volatile(""); /* no tail call */
		return;
	}
	struct hook hook = ENTER();

	record_alloc(hook, (void *)(uintptr_t)address, 16, 0, UNWIND_START());
	thread_leave(hook);
}

static void mark(unsigned number)
{
	const char name[] = {'m', (char)('a' + number % 20)};
	uint64_t known;

	CHECK_EQ(labels_find_mark(name, sizeof name, &known), 0);
	struct hook hook = ENTER();

	CHECK(record_event(hook, (struct side_event){.kind = EVENT_MARK, .address = known}));
	thread_leave(hook);
	__atomic_add_fetch(&marks, 1, __ATOMIC_RELAXED);
}

static void turn(unsigned place, unsigned depth)
{
	int was = EMPTY, full = FULL;
	uint64_t address = 0x100000 + place * 32;

	if (__atomic_compare_exchange_n(&places[place], &was, IN_HANDS, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED)) {
		allocate_deep(address, depth);
		__atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
		__atomic_store_n(&places[place], FULL, __ATOMIC_RELEASE);
	} else if (__atomic_compare_exchange_n(&places[place], &full, IN_HANDS, false,
					       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		release(address);
		__atomic_add_fetch(&frees, 1, __ATOMIC_RELAXED);
		__atomic_store_n(&places[place], EMPTY, __ATOMIC_RELEASE);
	}
}

static void storm(unsigned seed, unsigned rounds)
{
	unsigned random = seed * 2654435761u + 1;

	for (unsigned i = 0; i < rounds; i++) {
		random = random * 1103515245 + 12345;
		turn(random >> 8 & (PLACES - 1), random >> 20 & 15);
		if (i % 512 == 100)
			mark(i);
		if (i % 2048 == 1000) { /* as around dlclose: nothing is remembered meanwhile */
			modules_close_begin();
			turn(i % PLACES, 3);
			modules_close_end();
		}
	}
}

static void *storm_long(void *seed)
{
	storm((unsigned)(uintptr_t)seed, ROUNDS);
	return NULL;
}

static void *storm_briefly(void *seed)
{
	storm((unsigned)(uintptr_t)seed + 100, BRIEF_ROUNDS);
	return NULL;
}

static void *begin_and_end(void *unused)
{
	for (uintptr_t i = 0; i < BRIEF_THREADS; i += 2) {
		pthread_t two[2];

		for (uintptr_t j = 0; j < 2; j++)
			CHECK_EQ(pthread_create(&two[j], NULL, storm_briefly, (void *)(i + j)), 0);
		for (unsigned j = 0; j < 2; j++)
			pthread_join(two[j], NULL);
	}
	return unused;
}

/* As `tmtrace ctl` does it; what is not answered in time is taken back. */
static void *ask(void *answered)
{
	for (uint32_t serial = 1; serial <= REQUESTS; serial++) {
		uint64_t word = control_word(serial, CONTROL_ASKED);

		remote->command = CONTROL_MARK;
		remote->name_size = 3;
		memcpy(remote->name, "ask", 3);
		__atomic_store_n(&remote->request, word, __ATOMIC_RELEASE);
		for (unsigned wait = 0; wait < 2000; wait++) {
			uint64_t now = __atomic_load_n(&remote->request, __ATOMIC_ACQUIRE);

			if (control_state(now) == CONTROL_DONE)
				break;
			nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
		}
		if (__atomic_compare_exchange_n(&remote->request, &word, 0, false, __ATOMIC_ACQ_REL,
						__ATOMIC_ACQUIRE))
			continue;
		CHECK_EQ(remote->result, 0);
		++*(uint64_t *)answered;
	}
	return NULL;
}

static void count_mark(void *arg, const struct replay_event *event)
{
	*(uint64_t *)arg += event->kind == EVENT_MARK;
}

static void check_trace(uint64_t wanted_marks)
{
	char *message = NULL;
	uint64_t found = 0, live = 0;
	struct replay_totals totals;
	struct trace *trace = made_open_bytes(file.bytes, file.size, &message);

	for (unsigned i = 0; i < PLACES; i++)
		live += places[i] == FULL;
	CHECK_STR(message, NULL);
	if (!trace)
		return;
	CHECK_EQ(replay(trace, NULL, 0, NULL, NULL, NULL, &totals, NULL, NULL, &message), 0);
	CHECK_EQ(totals.allocations, allocations);
	CHECK_EQ(totals.frees, frees);
	CHECK_EQ(totals.live_count, live);
	CHECK_EQ(trace->quality.unknown_frees, 0);
	CHECK_EQ(trace->quality.order_conflicts, 0);
	CHECK_EQ(trace->quality.lost_events, 0);
	CHECK_EQ(trace->quality.damaged_chunks, 0);
	CHECK(trace->complete);
	CHECK_EQ(replay_events(trace, count_mark, &found, &message), 0);
	CHECK_EQ(found, wanted_marks);
	trace_close(trace);
}

static void record_storm(bool live)
{
	pthread_t threads[THREADS + 2];
	uint64_t answered = 0;

	memset(places, 0, sizeof places);
	allocations = frees = marks = 0;
	start_recording(live);
	pthread_create(&threads[0], NULL, begin_and_end, NULL);
	pthread_create(&threads[1], NULL, ask, &answered);
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[2 + i], NULL, storm_long, (void *)i);
	for (unsigned i = 0; i < THREADS + 2; i++)
		pthread_join(threads[i], NULL);
	stop_and_remove();
	CHECK(allocations > THREADS * ROUNDS / 4);
	CHECK(answered > 0);
	check_trace(marks + answered);
}

TEST(what_many_threads_record_is_read_back_event_for_event)
{
	record_storm(false);
}

TEST(the_live_table_beside_it_has_what_lives)
{
	size_t now, most;

	record_storm(true);
	CHECK_EQ(live_memory(&now, &most), 0);
	CHECK_EQ(now, (allocations - frees) * 16);
	CHECK(most >= now && most <= PLACES * 16);
	live_stop(true);
}
