// SPDX-License-Identifier: MIT
/*
 * The recorder without a process: calls go in, chunks come out in memory and are decoded again.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "../test.h"
#include "common/bytes.h"
#include "common/codec.h"
#include "common/event.h"
#include "common/hash.h"
#include "preload/memory.h"
#include "preload/record.h"
#include "preload/totals.h"
#include "tests/unit/hooks.h"

static struct memory_file {
	uint8_t *bytes;
	size_t size;
	size_t limit; /* 0 = none; beyond it the disk is full */
} memory_file;

static int put(void *arg, const void *bytes, size_t size, uint64_t offset)
{
	struct memory_file *file = arg;

	if (file->limit && offset + size > file->limit)
		return -ENOSPC;
	if (offset + size > file->size) {
		file->bytes = realloc(file->bytes, offset + size);
		memset(file->bytes + file->size, 0, offset + size - file->size);
		file->size = offset + size;
	}
	memcpy(file->bytes + offset, bytes, size);
	return 0;
}

static void start_recording(void)
{
	static const struct sink sink = {.put = put, .arg = &memory_file};

	free(memory_file.bytes);
	memory_file = (struct memory_file){0};
	renew_recorder();
	CHECK(thread_new_trace());
	CHECK_EQ(writer_start(&sink, 1, (const uint8_t *)"", 0), 0);
	epoch->mode = MODE_RECORDING;
}

/* All events of the stream of `thread` in the file, as words; chunks one behind the other. */
static size_t read_stream(uint32_t thread, uint64_t *words, size_t capacity, unsigned *chunks)
{
	size_t at = TMZ_FILE_HEADER_SIZE, n = 0;
	struct chunk_header header;

	*chunks = 0;
	while (at + TMZ_CHUNK_HEADER_SIZE <= memory_file.size &&
	       chunk_header_get(memory_file.bytes + at, &header)) {
		const uint8_t *stored = memory_file.bytes + at + TMZ_CHUNK_HEADER_SIZE;

		at += TMZ_CHUNK_HEADER_SIZE + header.stored_size;
		if (header.kind != CHUNK_EVENTS || header.thread != thread)
			continue;
		CHECK_EQ(header.serial, *chunks);
		CHECK_EQ(header.checksum, hash_checksum(stored, header.stored_size));
		uint8_t *raw = malloc(header.raw_size + 1);
		size_t size = header.raw_size;

		if (header.flags & CHUNK_STORED)
			memcpy(raw, stored, size);
		else
			CHECK_EQ(ZSTD_decompress(raw, size, stored, header.stored_size), size);
		bool start_stamped = header.flags & CHUNK_STAMPED;
		struct codec_counts counts = {0};
		struct codec_chunk chunk;
		void *memory = NULL;

		if (CHECK(codec_counts(raw, size, &counts) && n + counts.words <= capacity) &&
		    CHECK(codec_decode(raw, size, start_stamped,
				       memory = malloc(codec_decode_size(&counts)), &chunk))) {
			codec_words(&chunk, start_stamped, words + n);
			n += counts.words;
		}
		free(memory);
		free(raw);
		++*chunks;
	}
	CHECK_EQ(at, memory_file.size);
	return n;
}

struct tally {
	uint64_t allocs, frees, undos, bytes, threads;
	bool stamped, ordered;
};

static struct tally tally_stream(uint32_t thread, unsigned *chunks)
{
	static uint64_t words[1 << 20];
	struct raw_words all = {.at = words, .stamped = thread != 1};
	struct tally tally = {.ordered = true};
	struct raw_event event;
	uint64_t before = 0;

	all.end = words + read_stream(thread, words, sizeof words / sizeof *words, chunks);
	while (raw_next(&all, &event)) {
		tally.allocs += event.kind == EVENT_ALLOC;
		tally.frees += event.kind == EVENT_FREE;
		tally.undos += event.kind == EVENT_UNDO;
		tally.threads += event.kind == EVENT_THREAD;
		tally.bytes += event.kind == EVENT_ALLOC ? event.size : 0;
		tally.ordered = tally.ordered && event.stamp >= before;
		before = event.stamp;
	}
	CHECK(!all.bad);
	tally.stamped = all.stamped;
	return tally;
}

TEST(recorded_events_are_decoded_one_for_one)
{
	unsigned chunks;

	start_recording();
	for (uintptr_t i = 1; i <= 100000; i++) {
		allocate(i * 16, i % 1000);
		if (i % 3 == 0)
			release(i * 16);
	}
	stop_recording();
	struct tally tally = tally_stream(1, &chunks);

	CHECK_EQ(tally.allocs, 100000);
	CHECK_EQ(tally.frees, 33333);
	CHECK(chunks > 1);
	CHECK_EQ(writer_lost_events(), 0);
}

TEST(nested_events_are_kept_without_a_stack)
{
	unsigned chunks;

	start_recording();
	struct hook outer = ENTER();
	struct hook inner = thread_enter((uintptr_t)__builtin_frame_address(0) - 64);

	CHECK(inner.nested);
	record_alloc(inner, (void *)0x1000, 10, 0, (struct unwind_start){0});
	thread_leave(inner);
	record_alloc(outer, (void *)0x2000, 20, 0, UNWIND_START());
	thread_leave(outer);
	stop_recording();
	struct tally tally = tally_stream(1, &chunks);

	CHECK_EQ(tally.allocs, 2);
	CHECK_EQ(tally.bytes, 30);
}

/* Fills `events` with those of stream 1 that a program caused. */
static size_t own_events(struct raw_event *events, size_t most)
{
	static uint64_t words[1 << 16];
	struct raw_words all = {.at = words};
	struct raw_event event;
	unsigned chunks;
	size_t n = 0;

	all.end = words + read_stream(1, words, sizeof words / sizeof *words, &chunks);
	while (n < most && raw_next(&all, &event))
		if (event.kind != EVENT_TIME && event.kind != EVENT_MODULES &&
		    event.kind != EVENT_CLOCK_ON)
			events[n++] = event;
	return n;
}

static const struct side_event mark = {.kind = EVENT_MARK, .address = 5},
			       untracked = {.kind = EVENT_UNTRACK, .domain = 7, .address = 0x20};

static void check_own(const struct raw_event events[4], unsigned flags)
{
	CHECK_EQ(events[0].kind, EVENT_TRACK);
	CHECK_EQ(events[0].address, 0x20);
	CHECK_EQ(events[0].size, 9);
	CHECK_EQ(events[0].domain, UINT32_MAX);
	CHECK_EQ(events[0].flags & EVENT_NO_STACK, flags);
	CHECK_EQ(events[1].kind, EVENT_UNTRACK);
	CHECK_EQ(events[1].address, 0x20);
	CHECK_EQ(events[1].domain, 7);
	CHECK_EQ(events[2].kind, EVENT_MARK);
	CHECK_EQ(events[2].address, 5);
}

static __attribute__((noinline)) void record_own(struct hook hook)
{
	CHECK(record_track(hook, UINT32_MAX, (void *)0x20, 9, 0, UNWIND_START()));
	CHECK(record_event(hook, untracked));
	CHECK(record_event(hook, mark));
	thread_leave(hook);
}

TEST(events_of_the_program_have_all_their_fields)
{
	struct raw_event events[8];

	start_recording();
	record_own(ENTER());
	stop_recording();
	CHECK_EQ(own_events(events, 8), 3);
	check_own(events, 0);
	CHECK(events[0].pushed > 0);
}

TEST(nested_events_of_the_program_are_kept_without_a_stack_and_in_order)
{
	struct raw_event events[8];

	start_recording();
	struct hook outer = ENTER();

	record_own((struct hook){.thread = outer.thread, .nested = true});
	record_alloc(outer, (void *)0x20, 1, 0, UNWIND_START());
	thread_leave(outer);
	stop_recording();
	CHECK_EQ(own_events(events, 8), 4);
	check_own(events, EVENT_NO_STACK);
	CHECK_EQ(events[3].kind, EVENT_ALLOC);
}

TEST(what_does_not_fit_beside_an_allocation_is_refused)
{
	start_recording();
	struct hook outer = ENTER(), nested = {.thread = outer.thread, .nested = true};

	for (unsigned i = 0; i < SIDE_MAX; i++)
		CHECK(record_event(nested, untracked)); /* all of them, the same or not */
	CHECK(!record_event(nested, mark));
	thread_leave(outer);
	stop_recording();
	CHECK_EQ(writer_lost_events(), 1);
}

/* As a stop and a start write theirs, also where a handler interrupted a hook that holds the guard. */
TEST(a_paused_recording_says_that_it_stops_and_starts)
{
	struct raw_event events[8];

	start_recording();
	allocate(0x10, 1);
	struct hook outer = ENTER();

	epoch->mode = MODE_PAUSED;
	struct hook none = thread_enter((uintptr_t)__builtin_frame_address(0) - 64);

	CHECK(!none.thread);
	CHECK(record_paused(outer, (struct side_event){.kind = EVENT_CLEAR, .flags = EVENT_STOP}));
	thread_leave(outer);
	struct hook again = thread_enter_paused((uintptr_t)__builtin_frame_address(0));

	CHECK(record_paused(again, (struct side_event){.kind = EVENT_START, .address = 25}));
	thread_leave(again);
	epoch->mode = MODE_RECORDING;
	allocate(0x30, 3);
	stop_recording();
	CHECK_EQ(own_events(events, 8), 4);
	CHECK_EQ(events[1].kind, EVENT_CLEAR);
	CHECK_EQ(events[1].flags, EVENT_STOP);
	CHECK_EQ(events[2].kind, EVENT_START);
	CHECK_EQ(events[2].address, 25);
	CHECK_EQ(events[3].address, 0x30);
}

TEST(an_allocator_that_calls_itself_is_recorded_once)
{
	unsigned chunks;

	start_recording();
	struct hook outer = ENTER();
	struct hook inner = thread_enter((uintptr_t)__builtin_frame_address(0) - 64);

	record_alloc(inner, (void *)0x2000, 32, 0, (struct unwind_start){0});
	thread_leave(inner);
	record_alloc(outer, (void *)0x2000, 20, 0, UNWIND_START());
	thread_leave(outer);
	stop_recording();
	struct tally tally = tally_stream(1, &chunks);

	CHECK_EQ(tally.allocs, 1);
	CHECK_EQ(tally.bytes, 20);
}

TEST(an_allocator_that_calls_itself_is_recorded_once_inside_a_hook_too)
{
	struct raw_event events[8];

	start_recording();
	struct hook outer = ENTER(), nested = {.thread = outer.thread, .nested = true};

	record_free(nested, (void *)0x1000, 0);
	record_free(nested, (void *)0x1000, 0);
	record_alloc(nested, (void *)0x3000, 32, 0, (struct unwind_start){0});
	record_alloc(nested, (void *)0x3000, 20, 0, (struct unwind_start){0});
	record_free(nested, (void *)0x3000, 0);
	record_alloc(outer, (void *)0x4000, 1, 0, UNWIND_START());
	thread_leave(outer);
	stop_recording();
	CHECK_EQ(own_events(events, 8), 4);
	CHECK_EQ(events[0].kind, EVENT_FREE);
	CHECK_EQ(events[1].kind, EVENT_ALLOC);
	CHECK_EQ(events[1].size, 20);
	CHECK_EQ(events[2].kind, EVENT_FREE);
	CHECK_EQ(events[2].address, 0x3000);
	CHECK_EQ(events[3].address, 0x4000);
}

TEST(a_realloc_that_fails_inside_a_hook_is_undone_there)
{
	struct raw_event events[8];

	start_recording();
	struct hook outer = ENTER(), nested = {.thread = outer.thread, .nested = true};

	record_free(nested, (void *)0x1000, EVENT_RESIZE);
	record_undo(nested);
	record_free(outer, (void *)0x4000, 0);
	thread_leave(outer);
	stop_recording();
	CHECK_EQ(own_events(events, 8), 3);
	CHECK_EQ(events[0].address, 0x1000);
	CHECK_EQ(events[1].kind, EVENT_UNDO);
	CHECK_EQ(events[2].address, 0x4000);
}

/* While a hook is inside, the process begins to end, or somebody stops the recording. */
TEST(what_a_hook_has_collected_goes_to_the_late_stream_at_the_end_and_nowhere_after_a_stop)
{
	for (unsigned stopped = 0; stopped < 2; stopped++) {
		unsigned chunks;

		start_recording();
		struct hook outer = ENTER(), nested = {.thread = outer.thread, .nested = true};

		record_alloc(nested, (void *)0x3000, 32, 0, (struct unwind_start){0});
		epoch->mode = stopped ? MODE_PAUSED : MODE_LATE;
		thread_leave(outer);
		CHECK_EQ(outer.thread->n_side, 0);
		stop_recording();
		struct tally tally = tally_stream(0, &chunks);

		CHECK_EQ(tally.allocs, !stopped);
		CHECK_EQ(tally_stream(1, &chunks).allocs, 0);
	}
}

TEST(a_guard_left_behind_by_longjmp_is_opened_again)
{
	start_recording();
	struct hook deep = thread_enter((uintptr_t)__builtin_frame_address(0) - 4096);

	CHECK(!deep.nested);
	struct hook later = ENTER();

	CHECK(!later.nested);
	thread_leave(later);
	stop_recording();
}

TEST(too_many_nested_events_are_counted_as_lost)
{
	start_recording();
	uint64_t lost = writer_lost_events();
	struct hook outer = ENTER();
	struct hook inner = thread_enter((uintptr_t)__builtin_frame_address(0) - 64);

	for (uintptr_t i = 1; i <= SIDE_MAX + 10; i++)
		record_free(inner, (void *)(i * 16), 0);
	record_free(outer, (void *)0x100000, 0);
	thread_leave(outer);
	stop_recording();
	CHECK_EQ(writer_lost_events() - lost, 10);
}

TEST(an_undone_free_is_an_event_of_its_own)
{
	unsigned chunks;

	start_recording();
	struct hook hook = ENTER();

	record_free(hook, (void *)0x1000, EVENT_RESIZE);
	record_undo(hook);
	thread_leave(hook);
	stop_recording();
	struct tally tally = tally_stream(1, &chunks);

	CHECK_EQ(tally.frees, 1);
	CHECK_EQ(tally.undos, 1);
}

TEST(mappings_are_events_with_sizes_and_count_as_no_allocations)
{
	static uint64_t words[1 << 12];
	static const enum event_kind kinds[] = {EVENT_TRACK, EVENT_ALLOC, EVENT_UNMAP, EVENT_UNDO,
						EVENT_TRACK};
	struct raw_words all = {.at = words};
	struct raw_event event;
	struct closing closing = {0};
	unsigned chunks;
	size_t n = 0;

	start_recording();
	map(0x10000, 0x3000, EVENT_RESERVED);
	allocate(0x500, 5);
	unmap_in_vain(0x11000, 0x1000);
	map(0x10000, 0x1000, EVENT_COMMIT);
	totals_sum(&closing);
	stop_recording();
	all.end = words + read_stream(1, words, sizeof words / sizeof *words, &chunks);
	while (raw_next(&all, &event)) {
		if (!event_counts(event.kind))
			continue;
		if (n < sizeof kinds / sizeof *kinds)
			CHECK_EQ(event.kind, kinds[n]);
		if (event.kind == EVENT_TRACK) {
			CHECK_EQ(event.domain, DOMAIN_MAPPED);
			CHECK_EQ(event.address, 0x10000);
			CHECK_EQ(event.size, n ? 0x1000 : 0x3000);
			CHECK_EQ(event.flags & (EVENT_RESERVED | EVENT_COMMIT),
				 n ? EVENT_COMMIT : EVENT_RESERVED);
		} else if (event.kind == EVENT_UNMAP) {
			CHECK_EQ(event.address, 0x11000);
			CHECK_EQ(event.size, 0x1000);
			CHECK_EQ(event.flags, EVENT_RESIZE);
		}
		n++;
	}
	CHECK_EQ(n, sizeof kinds / sizeof *kinds);
	CHECK_EQ(closing.allocations, 1);
	CHECK_EQ(closing.frees, 0);
	CHECK_EQ(closing.allocated_bytes, 5);
	CHECK_EQ(writer_lost_events(), 0);
}

TEST(a_full_disk_loses_events_and_says_how_many)
{
	struct chunk_header header;
	size_t at = TMZ_FILE_HEADER_SIZE;

	start_recording();
	memory_file.limit = 3000;
	for (uintptr_t i = 1; i <= 100000; i++)
		allocate((i * 7919 % 100003) * 16, i);
	memory_file.limit = 0;
	stop_recording();
	bool losses = false;

	while (at + TMZ_CHUNK_HEADER_SIZE <= memory_file.size &&
	       chunk_header_get(memory_file.bytes + at, &header)) {
		losses = losses || header.kind == CHUNK_LOSSES;
		at += TMZ_CHUNK_HEADER_SIZE + header.stored_size;
	}
	CHECK(losses);
	CHECK(writer_lost_events() >= 50000 && writer_lost_events() <= 100000);
	CHECK_EQ(at, memory_file.size);
}

static void *allocate_and_end(void *arg)
{
	uintptr_t from = (uintptr_t)arg;

	for (uintptr_t i = 0; i < 1000; i++)
		allocate(from + i * 16, 1);
	return NULL;
}

TEST(threads_have_streams_of_their_own_with_stamps_that_never_decrease)
{
	pthread_t threads[4];
	unsigned chunks;
	uint64_t allocs = 0;

	start_recording();
	allocate(0x10, 1);
	for (uintptr_t i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, allocate_and_end, (void *)(0x100000 * (i + 1)));
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	stop_recording();
	for (uint32_t number = 2; number <= thread_count(); number++) {
		struct tally tally = tally_stream(number, &chunks);

		CHECK(tally.stamped && tally.ordered);
		allocs += tally.allocs;
	}
	CHECK_EQ(allocs, 4000);
}

TEST(mappings_after_the_end_go_to_the_late_stream)
{
	static uint64_t words[1 << 12];
	struct raw_words all = {.at = words, .stamped = true};
	struct raw_event event;
	unsigned chunks, unmaps = 0, undos = 0, tracks = 0;

	start_recording();
	map(0x10000, 0x3000, 0);
	epoch->mode = MODE_LATE;
	unmap_in_vain(0x10000, 0x1000);
	map(0x20000, 0x1000, 0);
	stop_recording();
	all.end = words + read_stream(0, words, sizeof words / sizeof *words, &chunks);
	while (raw_next(&all, &event)) {
		unmaps += event.kind == EVENT_UNMAP;
		undos += event.kind == EVENT_UNDO;
		tracks += event.kind == EVENT_TRACK;
	}
	CHECK(!all.bad);
	CHECK_EQ(unmaps, 1);
	CHECK_EQ(undos, 1);
	CHECK_EQ(tracks, 1);
}

TEST(events_after_the_end_go_to_the_late_stream)
{
	unsigned chunks;

	start_recording();
	allocate(0x1000, 1);
	epoch->mode = MODE_LATE;
	allocate(0x2000, 2);
	release(0x1000);
	stop_recording();
	struct tally late = tally_stream(0, &chunks);

	CHECK_EQ(late.allocs, 1);
	CHECK_EQ(late.frees, 1);
	CHECK_EQ(late.threads, 1);
	CHECK(late.stamped && late.ordered);
}
