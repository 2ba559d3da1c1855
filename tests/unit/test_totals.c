// SPDX-License-Identifier: MIT
/*
 * How much of each stream is from before a fork that would take place now.
 */
#include "preload/totals.h"

#include <errno.h>
#include <pthread.h>

#include "../test.h"
#include "common/event.h"
#include "preload/flush.h"
#include "preload/process.h"
#include "preload/record.h"
#include "tests/unit/hooks.h"

static bool disk_is_full;

/* Nobody reads it. */
static int put(void *arg, const void *bytes, size_t size, uint64_t offset)
{
	(void)arg, (void)bytes, (void)size, (void)offset;
	return disk_is_full ? -ENOSPC : 0;
}

static void start_recording(void)
{
	static const struct sink sink = {.put = put};

	renew_recorder();
	CHECK(thread_new_trace());
	CHECK_EQ(writer_start(&sink, 1, (const uint8_t *)"", 0), 0);
	epoch->mode = MODE_RECORDING;
}

/* How many events of the stream a child forked now would take for its parent's; -1: all. */
static int64_t position_of(uint32_t stream)
{
	uint8_t bytes[1024];
	struct put p = put_into(bytes, sizeof bytes);

	totals_put_position(&p);
	CHECK(!p.bad);
	struct get g = get_from(bytes, (size_t)(p.at - bytes));

	CHECK_EQ(get_varint(&g), thread_count());
	while (get_left(&g)) {
		uint64_t number = get_varint(&g), events = get_varint(&g);

		CHECK(!g.bad);
		if (number == stream)
			return (int64_t)events;
	}
	return -1;
}

static void put_event(enum event_kind kind, uint32_t domain)
{
	struct hook hook = ENTER();

	CHECK(record_event(hook, (struct side_event){.kind = kind, .domain = domain}));
	thread_leave(hook);
}

static void count_every_event(int mode)
{
	start_recording();
	recording.live = mode == MODE_LIVE;
	epoch->mode = mode;
	allocate(0x10, 1);
	CHECK_EQ(position_of(1), 1);
	release(0x10);
	CHECK_EQ(position_of(1), 2);
	map(0x10000, 0x3000, 0);
	unmap_in_vain(0x11000, 0x1000);
	put_event(EVENT_MARK, 0);
	put_event(EVENT_UNTRACK, 7);
	put_event(EVENT_RESET_PEAK, 0);
	put_event(EVENT_CLEAR, 0);
	struct hook hook = ENTER();
	struct hook inner = thread_enter((uintptr_t)__builtin_frame_address(0) - 64);

	record_alloc(inner, (void *)0x2000, 32, 0, (struct unwind_start){0});
	record_free(inner, (void *)0x2000, 0);
	record_track(inner, 7, (void *)0x2000, 32, 0, (struct unwind_start){0});
	record_free(hook, (void *)0x1000, EVENT_RESIZE);
	record_undo(hook);
	thread_leave(hook);
	CHECK_EQ(position_of(1), 12);
	CHECK_EQ(position_of(0), 0);
	epoch->mode = MODE_LATE;
	allocate(0x30, 3);
	epoch->mode = mode;
	CHECK_EQ(position_of(1), 12);
	CHECK_EQ(position_of(0), 1);
	epoch->mode = MODE_OFF;
	recording.live = false;
}

TEST(a_position_counts_every_event_about_blocks_and_no_other)
{
	count_every_event(MODE_RECORDING);
}

TEST(a_position_counts_the_same_where_the_live_table_is_kept)
{
	count_every_event(MODE_LIVE);
}

static void *allocate_twice(void *unused)
{
	allocate(0x20, 2);
	allocate(0x30, 3);
	return unused;
}

static void in_thread(void *(*start)(void *))
{
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, start, NULL), 0);
	pthread_join(thread, NULL);
}

static void *ask_position(void *unused)
{
	allocate(0x20, 2);
	CHECK_EQ(position_of(thread_self->number), 1);
	return unused;
}

TEST(a_position_leaves_out_threads_that_have_ended_and_counts_each_from_its_start)
{
	start_recording();
	allocate(0x10, 1);
	in_thread(allocate_twice);
	CHECK_EQ(thread_count(), 2);
	CHECK_EQ(position_of(2), -1);
	in_thread(ask_position); /* with the state that the other one left */
	CHECK_EQ(thread_count(), 3);
	CHECK_EQ(position_of(3), -1);
	CHECK_EQ(position_of(1), 1);
	epoch->mode = MODE_OFF;
}

TEST(a_position_is_without_what_could_not_be_written)
{
	start_recording();
	allocate(0x10, 1);
	allocate(0x20, 2);
	disk_is_full = true;
	flush_block(thread_self);
	disk_is_full = false;
	CHECK_EQ(position_of(1), 0);
	allocate(0x30, 3);
	CHECK_EQ(position_of(1), 1);
	epoch->mode = MODE_OFF;
}
