// SPDX-License-Identifier: MIT
#include "analyzer/journal_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/replay.h"
#include "common/hash.h"
#include "tests/test.h"
#include "tests/unit/made_journal.h"

#define PER_BLOCK 4
#define THREADS 2

/* A recorder in memory: two threads in turns, block by block, by the protocol of tmz(5). */
struct recorder {
	struct made trace, block[THREADS];
	struct made_journal journal;
	uint64_t n_events[THREADS];
};

/* Allocations of thread t have the addresses t * 1000 + 1, 2, 3 ... */
struct seen {
	uint64_t n[THREADS + 1];
	bool in_order;
};

static void see(void *arg, const struct replay_event *event)
{
	struct seen *seen = arg;

	if (event->kind != EVENT_ALLOC)
		return;
	if (!CHECK(event->thread <= THREADS))
		return;
	uint64_t wanted = event->thread * 1000 + ++seen->n[event->thread];

	seen->in_order &= event->address == wanted && event->depth == 1 &&
			  event->addresses[0] == 0x10 + event->thread;
}

static struct seen seen_in(struct trace *trace)
{
	struct seen seen = {.in_order = true};
	char *message = NULL;

	CHECK_EQ(replay_events(trace, see, &seen, &message), 0);
	return seen;
}

/* Whatever the moment of the kill: the events that were committed, once, and no word of damage. */
static void check_kill(struct recorder *recorder, size_t size)
{
	struct trace *trace = made_open_journal(recorder->trace.bytes, size, &recorder->journal,
						sizeof recorder->journal);
	struct seen seen = seen_in(trace);

	for (unsigned i = 0; i < THREADS; i++)
		CHECK_EQ(seen.n[i + 1], recorder->n_events[i]);
	CHECK(seen.in_order);
	CHECK_STR(trace->warning, NULL);
	CHECK(trace->journal);
	CHECK(!trace->complete);
	CHECK_EQ(trace->quality.lost_events, 0);
	CHECK_EQ(trace->quality.damaged_chunks, 0);
	trace_close(trace);
}

static void check_now(struct recorder *recorder)
{
	size_t size;

	made_bytes(&recorder->trace, &size);
	check_kill(recorder, size);
}

static void begin_block(struct recorder *recorder, unsigned i, uint32_t serial)
{
	struct journal_slot *slot = made_journal_slot(&recorder->journal, i);

	made_block(&recorder->block[i], i + 1, serial, true);
	recorder->block[i].n = 0;
	slot->committed = block_word(serial, true, 0);
}

static void record(struct recorder *recorder, unsigned i, uint64_t stamp)
{
	struct journal_slot *slot = made_journal_slot(&recorder->journal, i);
	struct made *block = &recorder->block[i];
	size_t before = block->n;
	uint64_t frame = 0x11 + i;
	struct raw_event event = {.kind = EVENT_ALLOC,
				  .address = (i + 1) * 1000 + recorder->n_events[i] + 1,
				  .size = 8,
				  .stamp = stamp,
				  .kept = before > 0,
				  .pushed = before == 0,
				  .frames = &frame};

	made_delta(block, &event);
	memcpy(slot->words + before, block->words + before, (block->n - before) * 8);
	check_now(recorder);
	slot->committed = block_word(block->serial, true, (uint32_t)block->n);
	recorder->n_events[i]++;
	check_now(recorder);
}

static void write_block(struct recorder *recorder, unsigned i)
{
	struct made *block = &recorder->block[i];
	size_t before, after;

	made_bytes(&recorder->trace, &before);
	made_block(&recorder->trace, i + 1, block->serial, true);
	for (size_t at = 0; at < block->n;) {
		struct raw_words raw = {block->words + at, block->words + block->n, true, false};
		struct raw_event event;

		CHECK(raw_next(&raw, &event));
		made_delta(&recorder->trace, &event);
		at = (size_t)(raw.at - block->words);
	}
	made_bytes(&recorder->trace, &after);
	for (size_t size = before; size <= after; size++)
		check_kill(recorder, size);
	block->open = false;
	begin_block(recorder, i, block->serial + 1);
	check_now(recorder);
}

static void recorder_begin(struct recorder *recorder)
{
	*recorder = (struct recorder){0};
	made_begin(&recorder->trace);
	made_journal_begin(&recorder->journal);
	for (unsigned i = 0; i < THREADS; i++) {
		made_begin(&recorder->block[i]);
		begin_block(recorder, i, 0);
		made_journal_block(&recorder->journal, i, &recorder->block[i]);
	}
}

static void recorder_release(struct recorder *recorder)
{
	for (unsigned i = 0; i < THREADS; i++) {
		recorder->block[i].open = false;
		made_release(&recorder->block[i]);
	}
	made_release(&recorder->trace);
}

TEST(each_event_counts_once_wherever_the_kill_falls)
{
	struct recorder recorder;
	uint64_t stamp = 100;

	recorder_begin(&recorder);
	check_now(&recorder);
	for (unsigned round = 0; round < 3 * PER_BLOCK; round++) {
		for (unsigned i = 0; i < THREADS; i++) {
			record(&recorder, i, stamp++);
			if (recorder.n_events[i] % PER_BLOCK == i)
				write_block(&recorder, i);
		}
	}
	recorder_release(&recorder);
}

TEST(a_torn_chunk_of_any_kind_is_no_damage_beside_a_journal)
{
	struct recorder recorder;
	size_t before, after;

	recorder_begin(&recorder);
	record(&recorder, 0, 100);
	made_bytes(&recorder.trace, &before);
	made_chunk(&recorder.trace, CHUNK_MODULES, "", 0);
	made_bytes(&recorder.trace, &after);
	for (size_t size = before; size <= after; size++)
		check_kill(&recorder, size);
	recorder_release(&recorder);
}

/* A trace of four events of thread 1 and a journal with two more in slot 2. */
static void make_pair(struct made *made, struct made_journal *journal)
{
	made_begin(made);
	made_journal_begin(journal);
	made_block(made, 1, 0, false);
	for (uint64_t i = 1; i <= 4; i++)
		made_alloc(made, 0, 1000 + i, 8, 1, (uint64_t[]){0x11});
	made_block(made, 1, 1, false);
	for (uint64_t i = 5; i <= 6; i++)
		made_alloc(made, 0, 1000 + i, 8, 1, (uint64_t[]){0x11});
	made_journal_block(journal, 2, made);
	made->open = false;
	made->n = 0;
}

struct outcome {
	uint64_t events;
	const char *warning;
	uint64_t damaged, lost;
	bool journal;
};

static void check_pair(struct made *made, const struct made_journal *journal, size_t journal_size,
		       struct outcome wanted)
{
	size_t size;
	const char *bytes = made_bytes(made, &size);
	struct trace *trace = made_open_journal(bytes, size, journal, journal_size);
	struct seen seen = seen_in(trace);

	CHECK_EQ(seen.n[1], wanted.events);
	CHECK_STR(trace->warning, wanted.warning);
	CHECK_EQ(trace->quality.damaged_chunks, wanted.damaged);
	CHECK_EQ(trace->quality.lost_events, wanted.lost);
	CHECK_EQ(trace->journal, wanted.journal);
	trace_close(trace);
	made_release(made);
}

#define NO_END "made.tmz: the recording has no end: the program was killed or is still running"

TEST(threads_without_a_record_have_their_names_from_the_journal)
{
	struct made made;
	struct made_journal journal;
	size_t size;

	make_pair(&made, &journal);
	const char *bytes = made_bytes(&made, &size);
	struct trace *trace = made_open_journal(bytes, size, &journal, sizeof journal);

	CHECK_EQ(trace->n_threads, 1);
	CHECK_STR(trace->threads[0].name, "worker");
	CHECK_EQ(trace->threads[0].tid, 101);
	trace_close(trace);
	made_release(&made);
}

TEST(what_threads_do_after_the_end_is_in_the_journal)
{
	struct made made;
	struct made_journal journal;
	size_t size;

	make_pair(&made, &journal);
	made_closing(&made, 5);
	const char *bytes = made_bytes(&made, &size);
	struct trace *trace = made_open_journal(bytes, size, &journal, sizeof journal);

	CHECK_EQ(seen_in(trace).n[1], 6);
	CHECK(trace->complete);
	CHECK_EQ(trace->ending, ENDING_CLOSED);
	CHECK_STR(trace->warning, NULL);
	trace_close(trace);
	made_release(&made);
}

TEST(blocks_that_could_not_be_shared_may_be_missing)
{
	static const uint8_t unsafe[] = {PROCESS_KILL_SAFE, 1, 0};
	struct made made;
	struct made_journal journal;

	make_pair(&made, &journal);
	made_chunk(&made, CHUNK_PROCESS, unsafe, sizeof unsafe);
	check_pair(&made, &journal, sizeof journal,
		   (struct outcome){.events = 6,
				    .warning = "made.tmz: the program was killed or crashed, and "
					       "not all that it had not written yet is in its "
					       "journal",
				    .journal = true});
}

TEST(losses_that_the_journal_counts_are_losses)
{
	struct made made;
	struct made_journal journal;

	make_pair(&made, &journal);
	made_journal_header(&journal)->lost[LOSS_WRITE] = 40;
	made_journal_header(&journal)->lost[LOSS_SIDE_ARRAY] = 2;
	check_pair(&made, &journal, sizeof journal,
		   (struct outcome){.events = 6, .lost = 42, .journal = true});
}

TEST(the_journal_of_another_trace_is_not_read)
{
	struct made made;
	struct made_journal journal;

	make_pair(&made, &journal);
	made_journal_header(&journal)->identity = 1;
	made_journal_seal(&journal);
	check_pair(&made, &journal, sizeof journal,
		   (struct outcome){.events = 4, .warning = NO_END});
	make_pair(&made, &journal);
	check_pair(&made, NULL, 0, (struct outcome){.events = 4, .warning = NO_END});
	make_pair(&made, &journal);
	check_pair(&made, &journal, 0, (struct outcome){.events = 4, .warning = NO_END});
}

TEST(a_journal_that_cannot_be_read_is_told_of)
{
#define NOT_READ "made.tmz: its journal is not read, and what only that holds is missing: "
	struct made made;
	struct made_journal journal;

	make_pair(&made, &journal);
	journal.bytes[25] ^= 1;
	check_pair(&made, &journal, sizeof journal,
		   (struct outcome){.events = 4, .warning = NOT_READ "its header is damaged"});
	make_pair(&made, &journal);
	made_journal_header(&journal)->version = 9;
	made_journal_seal(&journal);
	check_pair(&made, &journal, sizeof journal,
		   (struct outcome){.events = 4,
				    .warning = NOT_READ
				    "format version 9, but this tmtrace reads version 1"});
	make_pair(&made, &journal);
	made_journal_header(&journal)->slot_size = 64;
	made_journal_seal(&journal);
	check_pair(
		&made, &journal, sizeof journal,
		(struct outcome){.events = 4, .warning = NOT_READ "blocks of 64 bytes cannot be"});
}

TEST(of_a_damaged_block_the_events_before_the_damage_count)
{
	static const char warning[] =
		"made.tmz: the last block of thread 1 is damaged: its last events are missing";
	struct made made;
	struct made_journal journal;
	struct outcome wanted = {.events = 5, .warning = warning, .damaged = 1, .journal = true};

	make_pair(&made, &journal); /* each event has 4 words */
	made_journal_slot(&journal, 2)->words[4] = 0xff;
	check_pair(&made, &journal, sizeof journal, wanted);
	make_pair(&made, &journal); /* keeps a frame more than there are */
	made_journal_slot(&journal, 2)->words[4] = event_head(EVENT_ALLOC, 0, 2, 1);
	check_pair(&made, &journal, sizeof journal, wanted);
	make_pair(&made, &journal);
	made_journal_slot(&journal, 2)->committed -= 1;
	check_pair(&made, &journal, sizeof journal, wanted);
	make_pair(&made, &journal); /* the file ends inside the second event */
	check_pair(&made, &journal,
		   JOURNAL_HEADER_SIZE + 2 * MADE_SLOT_SIZE + sizeof(struct journal_slot) + 50,
		   wanted);
	wanted.events = 6;
	make_pair(&made, &journal);
	made_journal_slot(&journal, 2)->committed = block_word(1, false, UINT32_MAX);
	check_pair(&made, &journal, sizeof journal, wanted);
	make_pair(&made, &journal);
	made_journal_slot(&journal, 1)->magic = 0x12345678;
	wanted.warning = "made.tmz: 1 block is damaged: the last events of its thread are missing";
	check_pair(&made, &journal, sizeof journal, wanted);
}

TEST(a_chunk_that_only_the_journal_tells_of_is_missing)
{
	struct made made;
	struct made_journal journal;

	make_pair(&made, &journal);
	made_journal_slot(&journal, 2)->committed = block_word(2, false, 0);
	check_pair(&made, &journal, sizeof journal,
		   (struct outcome){.events = 4,
				    .warning = "made.tmz: 1 chunk of events of thread 1 is missing",
				    .journal = true});
}

TEST(any_damage_to_a_journal_is_survived)
{
	struct made made;
	struct made_journal whole, journal;
	uint64_t state = 1;
	size_t size;

	make_pair(&made, &whole);
	const char *bytes = made_bytes(&made, &size);

	for (unsigned round = 0; round < 3000; round++) {
		struct journal_slot *slot = made_journal_slot(&journal, 2);

		journal = whole;
		for (unsigned i = 0; i <= round % 5; i++) {
			uint64_t random = hash_mix(state++);

			((uint8_t *)slot)[random % 130] = (uint8_t)(random >> 56);
		}
		if (round % 2)
			slot->magic = JOURNAL_SLOT_MAGIC;
		struct trace *trace = made_open_journal(
			bytes, size, &journal, sizeof journal - round % 7 * (MADE_SLOT_SIZE / 2));
		char *message = NULL;
		struct snapshot *none[1];

		CHECK_EQ(replay(trace, NULL, 0, NULL, NULL, none, NULL, NULL, NULL, &message), 0);
		trace_close(trace);
	}
	made_release(&made);
}

/* Writes the pair as files; where the trace is. Borrowed until the next call. */
static const char *write_pair(struct made *made, const struct made_journal *journal,
			      uint64_t slot_size)
{
	static char path[512], live[600];
	size_t size;
	const char *bytes = made_bytes(made, &size);

	snprintf(path, sizeof path, "%s", test_path("pair.tmz"));
	snprintf(live, sizeof live, "%s.live", path);
	unlink(live);
	FILE *file = fopen(path, "w");

	CHECK_EQ(fwrite(bytes, 1, size, file), size);
	fclose(file);
	file = fopen(live, "w");
	CHECK_EQ(fwrite(journal, JOURNAL_HEADER_SIZE, 1, file), 1);
	fseek(file, (long)(JOURNAL_HEADER_SIZE + 900 * slot_size), SEEK_SET);
	CHECK_EQ(fwrite(journal->bytes + JOURNAL_HEADER_SIZE + 2 * MADE_SLOT_SIZE, MADE_SLOT_SIZE,
			1, file),
		 1);
	fflush(file);
	CHECK_EQ(ftruncate(fileno(file),
			   (off_t)(JOURNAL_HEADER_SIZE + JOURNAL_SLOTS_MAX * slot_size)),
		 0);
	fclose(file);
	return path;
}

static uint64_t events_of(const char *path, bool journal)
{
	char *message = NULL;
	struct trace *trace = trace_open(path, &message);

	if (!CHECK(trace))
		return 0;
	struct seen seen = seen_in(trace);

	CHECK_EQ(trace->journal, journal);
	trace_close(trace);
	return seen.n[1];
}

TEST(a_journal_of_full_size_lies_beside_its_trace_and_its_links)
{
	struct made made;
	struct made_journal journal;
	char link[512];

	make_pair(&made, &journal);
	made_journal_header(&journal)->slot_size = JOURNAL_SLOT_SIZE;
	made_journal_seal(&journal);
	const char *path = write_pair(&made, &journal, JOURNAL_SLOT_SIZE);

	CHECK_EQ(events_of(path, true), 6);
	snprintf(link, sizeof link, "%s", test_path("link.tmz"));
	CHECK_EQ(symlink(path, link), 0);
	CHECK_EQ(events_of(link, true), 6);
	made_release(&made);
}

TEST(a_journal_that_is_a_link_or_no_file_or_another_users_is_not_read)
{
	struct made made;
	struct made_journal journal;
	char live[600], moved[512];

	make_pair(&made, &journal);
	const char *path = write_pair(&made, &journal, MADE_SLOT_SIZE);

	snprintf(live, sizeof live, "%s.live", path);
	snprintf(moved, sizeof moved, "%s", test_path("moved.live"));
	CHECK_EQ(events_of(path, true), 6);
	if (geteuid() == 0) {
		CHECK_EQ(chown(live, 4711, 4711), 0);
		CHECK_EQ(events_of(path, false), 4);
		CHECK_EQ(chown(path, 4711, 4711), 0);
		CHECK_EQ(events_of(path, true), 6);
	}
	CHECK_EQ(rename(live, moved), 0);
	CHECK_EQ(symlink(moved, live), 0);
	CHECK_EQ(events_of(path, false), 4);
	unlink(live);
	CHECK_EQ(mkfifo(live, 0600), 0);
	CHECK_EQ(events_of(path, false), 4);
	unlink(live);
	made_release(&made);
}
