// SPDX-License-Identifier: MIT
#include "analyzer/recover.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/faults.h"
#include "analyzer/replay.h"
#include "analyzer/trace_private.h"
#include "common/hash.h"
#include "tests/test.h"
#include "tests/unit/made_journal.h"

/* Two threads, three chunks each, names, a sample, and a journal with a block of each. */
static void make_threads(struct made *made, struct made_journal *journal)
{
	static const uint8_t names[] = {1, 101, 4, 'm', 'a', 'i', 'n'}, sample[] = {9, 90, 90};

	made_begin(made);
	made_journal_begin(journal);
	made_chunk(made, CHUNK_THREADS, names, sizeof names);
	for (uint64_t i = 0; i < 40; i++) {
		uint32_t thread = 1 + i / 5 % 2;

		if (i % 5 == 0)
			made_block(made, thread, (uint32_t)i / 10, true);
		made_alloc(made, 100 + i, thread * 0x1000 + i * 16, 8 + i, 2,
			   (uint64_t[]){0x11, 0x20 + i % 3});
		if (i % 5 == 4 && i >= 30)
			made_journal_block(journal, thread, made);
		if (i % 5 == 4 && i >= 30) {
			made->open = false;
			made->n = 0;
		}
		if (i == 14)
			made_chunk(made, CHUNK_RESOURCES, sample, sizeof sample);
	}
}

struct digest {
	uint64_t hash, n;
};

static void digest(void *arg, const struct replay_event *event)
{
	struct digest *of = arg;
	const uint64_t fields[] = {(uint64_t)event->kind,
				   event->thread,
				   event->address,
				   event->size,
				   event->stamp,
				   event->depth,
				   event->depth ? event->addresses[0] : 0};

	of->n++;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		of->hash = hash_mix(of->hash ^ fields[i]);
}

static struct digest digest_of(struct trace *trace)
{
	struct digest of = {0};
	char *message = NULL;

	CHECK_EQ(replay_events(trace, digest, &of, &message), 0);
	return of;
}

/* The recovered bytes, for the caller to free; NULL when nothing was readable. */
static char *recovered(struct trace *trace, size_t *size)
{
	char *bytes = NULL;
	FILE *out = open_memstream(&bytes, size);
	bool some = recover(trace, out);

	fclose(out);
	if (some)
		return bytes;
	free(bytes);
	return NULL;
}

/* Whatever TRACE lacks: what is recovered of it is clean, replays the same, and knows the losses. */
static void check_recovery(struct trace *trace)
{
	struct digest before = digest_of(trace);
	struct faults faults;
	size_t size, size_again;
	char *bytes = recovered(trace, &size), *again;

	if (!bytes) {
		CHECK_EQ(before.n, 0);
		return;
	}
	struct trace *clean = made_open_journal(bytes, size, NULL, 0);
	struct digest after = digest_of(clean);

	CHECK_EQ(after.n, before.n);
	CHECK_EQ(after.hash, before.hash);
	CHECK_STR(clean->warning, NULL);
	CHECK_EQ(clean->quality.lost_events, trace->quality.lost_events);
	CHECK_EQ(clean->n_threads, trace->n_threads);
	faults_find(&faults, clean);
	CHECK_EQ(faults.n, 0);
	CHECK_EQ(faults.events, after.n);
	faults_release(&faults);
	again = recovered(clean, &size_again);
	CHECK_EQ(size_again, size);
	CHECK_MEM(again, bytes, size);
	trace_close(clean);
	free(bytes);
	free(again);
}

TEST(a_recovered_trace_needs_no_journal)
{
	struct made made;
	struct made_journal journal;
	size_t size;

	make_threads(&made, &journal);
	const char *bytes = made_bytes(&made, &size);
	struct trace *trace = made_open_journal(bytes, size, &journal, sizeof journal);

	CHECK_EQ(digest_of(trace).n, 40);
	check_recovery(trace);
	char *copy = recovered(trace, &size);
	struct trace *clean = made_open_journal(copy, size, NULL, 0);

	CHECK(clean->complete);
	CHECK_EQ(clean->closing.ended_by, ENDED_BY_KILL);
	CHECK_EQ(clean->closing.allocations, 40);
	CHECK_STR(clean->threads[0].name, "main");
	CHECK_STR(clean->threads[1].name, "worker");
	trace_close(clean);
	free(copy);
	trace_close(trace);
	made_release(&made);
}

TEST(a_trace_cut_anywhere_is_recovered)
{
	struct made made;
	struct made_journal journal;
	size_t size;

	make_threads(&made, &journal);
	const char *bytes = made_bytes(&made, &size);

	for (size_t cut = TMZ_FILE_HEADER_SIZE; cut <= size; cut++) {
		struct trace *trace =
			made_open_journal(bytes, cut, cut % 2 ? &journal : NULL, sizeof journal);

		check_recovery(trace);
		trace_close(trace);
	}
	made_release(&made);
}

TEST(whatever_is_damaged_what_is_recovered_is_clean)
{
	struct made made;
	struct made_journal whole, journal;
	uint64_t state = 3;
	size_t size;

	make_threads(&made, &whole);
	const char *bytes = made_bytes(&made, &size);
	char *copy = malloc(size);

	for (unsigned round = 0; round < 1500; round++) {
		memcpy(copy, bytes, size);
		journal = whole;
		for (unsigned i = 0; i < round % 4; i++) {
			uint64_t random = hash_mix(state++);

			copy[TMZ_FILE_HEADER_SIZE + random % (size - TMZ_FILE_HEADER_SIZE)] ^=
				(char)(random >> 40);
		}
		for (unsigned i = 0; i < round % 3; i++) {
			uint64_t random = hash_mix(state++);
			uint8_t *slot = (uint8_t *)made_journal_slot(&journal, 1 + random % 2);

			slot[random >> 8 & 0xff] = (uint8_t)(random >> 50);
		}
		struct trace *trace = made_open_journal(copy, size, &journal, sizeof journal);

		check_recovery(trace);
		trace_close(trace);
	}
	free(copy);
	made_release(&made);
}
