// SPDX-License-Identifier: MIT
#include "analyzer/fold.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#include "analyzer/replay.h"
#include "tests/test.h"
#include "tests/unit/made_journal.h"

#define NO_PID (1 << 22) /* more than there can be */

static uint64_t start_ticks(pid_t pid)
{
	char path[64], text[1024] = "";

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	FILE *file = fopen(path, "r");
	size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
	char *at = n ? strrchr(text, ')') : NULL;

	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (file)
		fclose(file);
	return at ? strtoull(at, NULL, 10) : 0;
}

static void put_number(struct put *p, uint64_t tag, uint64_t number)
{
	uint8_t bytes[VARINT_MAX];
	struct put value = put_into(bytes, sizeof bytes);

	put_varint(&value, number);
	put_varint(p, tag);
	put_string(p, (char *)bytes, (size_t)(value.at - bytes));
}

/* The description of a process of this machine, or of another with another boot id. */
static void made_process(struct made *made, pid_t pid, uint64_t ticks, bool here)
{
	uint8_t payload[256];
	struct put p = put_into(payload, sizeof payload);
	char boot_id[37] = "";
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");

	CHECK(file && fread(boot_id, 1, 36, file) == 36);
	if (file)
		fclose(file);
	boot_id[0] = here ? boot_id[0] : 'x';
	put_varint(&p, PROCESS_BOOT_ID);
	put_string(&p, boot_id, 36);
	put_number(&p, PROCESS_PID, (uint64_t)pid);
	put_number(&p, PROCESS_START_TICKS, ticks);
	put_number(&p, PROCESS_CLOCK, CLOCK_TSC);
	put_number(&p, PROCESS_KILL_SAFE, 1);
	made_chunk(made, CHUNK_PROCESS, payload, (size_t)(p.at - payload));
}

/* A journal of two threads with stamps from the beginning and from the end of time. */
static void make_threads(struct made *made, struct made_journal *journal)
{
	made_journal_begin(journal);
	for (uint32_t thread = 1; thread <= 2; thread++) {
		made_block(made, thread, 0, true);
		made_alloc(made, 10, thread * 0x1000, 8, 1, (uint64_t[]){0x11});
		made_alloc(made, UINT64_MAX / 2 + thread, thread * 0x1000 + 8, 8, 1,
			   (uint64_t[]){0x11});
		made_journal_block(journal, thread, made);
		if (thread == 2)
			made_flush(made);
		made->open = false;
		made->n = 0;
	}
}

struct wanted {
	enum ending ending;
	uint64_t events;
	const char *warning;
};

static void check_process(pid_t pid, uint64_t ticks, bool here, bool beside, struct wanted wanted)
{
	struct made made;
	struct made_journal journal;
	struct replay_totals totals;
	struct snapshot *none[1];
	char *message = NULL;
	size_t size;

	made_begin(&made);
	made_process(&made, pid, ticks, here);
	make_threads(&made, &journal);
	const char *bytes = made_bytes(&made, &size);
	struct trace *trace =
		made_open_journal(bytes, size, beside ? &journal : NULL, sizeof journal);

	CHECK_EQ(trace->ending, wanted.ending);
	CHECK_STR(trace->warning, wanted.warning);
	CHECK_EQ(replay(trace, NULL, 0, NULL, NULL, none, &totals, NULL, NULL, &message), 0);
	CHECK_EQ(totals.events, wanted.events);
	CHECK_EQ(trace->quality.lost_events, 0);
	trace_close(trace);
	made_release(&made);
}

TEST(a_running_process_is_seen_at_one_moment)
{
	check_process(getpid(), start_ticks(getpid()), true, true,
		      (struct wanted){ENDING_RUNNING, 2, NULL});
	check_process(getpid(), start_ticks(getpid()), true, false,
		      (struct wanted){ENDING_RUNNING, 2,
				      "made.tmz: the program is still running, and what it had "
				      "not written yet is missing"});
}

TEST(a_killed_process_is_seen_to_its_end)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	siginfo_t info;

	CHECK_EQ(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	uint64_t ticks = start_ticks(child);

	check_process(child, ticks, true, true, (struct wanted){ENDING_KILLED, 4, NULL});
	waitpid(child, NULL, 0);
	check_process(child, ticks, true, true, (struct wanted){ENDING_KILLED, 4, NULL});
	check_process(getpid(), start_ticks(getpid()) + 1, true, true,
		      (struct wanted){ENDING_KILLED, 4, NULL});
	check_process(
		child, ticks, true, false,
		(struct wanted){ENDING_KILLED, 2,
				"made.tmz: the program was killed or crashed, and the journal "
				"with its last events is not beside the trace"});
}

TEST(a_journal_that_is_open_for_writing_is_of_a_running_process)
{
	struct made made;
	struct made_journal *journal = calloc(1, sizeof *journal);
	char path[512], live[600], *message = NULL;
	size_t size;

	snprintf(path, sizeof path, "%s", test_path("used.tmz"));
	snprintf(live, sizeof live, "%s.live", path);
	made_begin(&made);
	made_process(&made, NO_PID, 1, true); /* in another container's count */
	made_journal_begin(journal);
	const char *bytes = made_bytes(&made, &size);
	int trace_fd = open(path, O_WRONLY | O_CREAT, 0600),
	    fd = open(live, O_RDWR | O_CREAT, 0600);

	CHECK_EQ(write(trace_fd, bytes, size), size);
	CHECK_EQ(write(fd, journal, sizeof *journal), sizeof *journal);
	close(trace_fd);
	void *memory = mmap(NULL, sizeof *journal, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	close(fd);
	for (int mapped = 1; mapped >= 0; mapped--) {
		struct trace *trace = trace_open(path, &message);

		CHECK(trace && trace->ending == (mapped ? ENDING_RUNNING : ENDING_KILLED));
		trace_close(trace);
		munmap(memory, sizeof *journal);
	}
	made_release(&made);
	free(journal);
}

TEST(of_a_process_of_another_machine_nobody_knows)
{
	check_process(getpid(), start_ticks(getpid()), false, true,
		      (struct wanted){ENDING_UNKNOWN, 4, NULL});
}

/* A recorder in another thread, at full speed, with a trace and a journal in files. */
#define BLOCK_EVENTS 50

struct racer {
	char path[512];
	struct made_journal *journal; /* mapped */
	int trace;
	uint64_t address; /* of the last event */
	uint64_t limit;	  /* how far it may go, so that the file stays small */
	bool stop;
};

/* The block as a chunk, in pieces, so that it is torn for a while. */
static void write_chunk(struct racer *racer, const struct made *block)
{
	struct made made;
	size_t size;

	made_begin(&made);
	made_block(&made, 1, block->serial, false);
	for (uint64_t i = 0; i < BLOCK_EVENTS; i++)
		made_event(&made, EVENT_FREE, 0, racer->address - BLOCK_EVENTS + 1 + i);
	const char *bytes = made_bytes(&made, &size);

	for (size_t at = TMZ_FILE_HEADER_SIZE; at < size;) {
		size_t n = size - at < 100 ? size - at : 100;

		CHECK_EQ(write(racer->trace, bytes + at, n), n);
		at += n;
	}
	made_release(&made);
}

static void *race(void *arg)
{
	struct racer *racer = arg;
	struct journal_slot *slot = made_journal_slot(racer->journal, 0);
	struct made block;

	made_begin(&block);
	made_block(&block, 1, 0, false);
	while (!__atomic_load_n(&racer->stop, __ATOMIC_ACQUIRE)) {
		size_t before = block.n;

		if (racer->address == __atomic_load_n(&racer->limit, __ATOMIC_ACQUIRE)) {
			sched_yield();
			continue;
		}
		made_event(&block, EVENT_FREE, 0, racer->address + 1);
		memcpy(slot->words + before, block.words + before, (block.n - before) * 8);
		__atomic_store_n(&racer->address, racer->address + 1, __ATOMIC_RELEASE);
		__atomic_store_n(&slot->committed,
				 block_word(block.serial, false, (uint32_t)block.n),
				 __ATOMIC_RELEASE);
		if (racer->address % BLOCK_EVENTS)
			continue;
		write_chunk(racer, &block);
		block.n = 0;
		block.serial++;
		__atomic_store_n(&slot->committed, block_word(block.serial, false, 0),
				 __ATOMIC_RELEASE);
	}
	block.open = false;
	made_release(&block);
	return NULL;
}

struct order {
	uint64_t last;
	bool holds;
};

static void follow(void *arg, const struct replay_event *event)
{
	struct order *order = arg;

	order->holds &= event->address == order->last + 1;
	order->last = event->address;
}

static void racer_begin(struct racer *racer, pid_t pid)
{
	struct made made;
	struct made_journal *journal = calloc(1, sizeof *journal);
	char live[600];
	size_t size;

	*racer = (struct racer){0};
	snprintf(racer->path, sizeof racer->path, "%s", test_path("race.tmz"));
	snprintf(live, sizeof live, "%s.live", racer->path);
	made_begin(&made);
	made_process(&made, pid, start_ticks(pid), true);
	const char *bytes = made_bytes(&made, &size);

	racer->trace = open(racer->path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	CHECK_EQ(write(racer->trace, bytes, size), size);
	made_release(&made);
	made_journal_begin(journal);
	made_journal_slot(journal, 0)->magic = JOURNAL_SLOT_MAGIC;
	made_journal_slot(journal, 0)->thread = 1;
	int fd = open(live, O_RDWR | O_CREAT | O_TRUNC, 0600);

	CHECK_EQ(write(fd, journal, sizeof *journal), sizeof *journal);
	racer->journal = mmap(NULL, sizeof *journal, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	free(journal);
}

TEST(a_recording_that_goes_on_is_read_without_gaps_at_any_time)
{
	struct racer racer;
	pthread_t thread;

	racer_begin(&racer, getpid());
	if (!CHECK_EQ(pthread_create(&thread, NULL, race, &racer), 0))
		return;
	for (unsigned round = 0; round < 150; round++) {
		uint64_t before = __atomic_load_n(&racer.address, __ATOMIC_ACQUIRE);

		__atomic_fetch_add(&racer.limit, 7 * BLOCK_EVENTS, __ATOMIC_RELEASE);
		char *message = NULL;
		struct trace *trace = trace_open(racer.path, &message);
		struct order order = {.holds = true};

		if (!CHECK(trace))
			break;
		CHECK_EQ(replay_events(trace, follow, &order, &message), 0);
		CHECK(order.holds);
		CHECK(order.last + 1 >= before); /* one may not be committed yet */
		CHECK_STR(trace->warning, NULL);
		CHECK_EQ(trace->ending, ENDING_RUNNING);
		trace_close(trace);
	}
	__atomic_store_n(&racer.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	munmap(racer.journal, sizeof *racer.journal);
	close(racer.trace);
}

TEST(a_recorder_that_is_killed_loses_no_finished_event)
{
	struct racer *racer = mmap(NULL, sizeof *racer, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (unsigned round = 0; round < 30; round++) {
		racer_begin(racer, NO_PID);
		racer->limit = UINT64_MAX;
		pid_t child = fork();

		if (!child) {
			race(racer);
			_exit(0);
		}
		while (__atomic_load_n(&racer->address, __ATOMIC_ACQUIRE) < 10 + round * 37)
			sched_yield();
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		struct order order = {.holds = true};
		char *message = NULL;

		munmap(racer->journal, sizeof *racer->journal);
		close(racer->trace);
		struct trace *trace = trace_open(racer->path, &message);

		if (!CHECK(trace))
			break;
		CHECK_EQ(replay_events(trace, follow, &order, &message), 0);
		CHECK(order.holds);
		CHECK(order.last == racer->address || order.last + 1 == racer->address);
		CHECK_STR(trace->warning, NULL);
		CHECK_EQ(trace->ending, ENDING_KILLED);
		CHECK_EQ(trace->quality.damaged_chunks, 0);
		trace_close(trace);
	}
	munmap(racer, sizeof *racer);
}
