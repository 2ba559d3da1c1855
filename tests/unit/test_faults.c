// SPDX-License-Identifier: MIT
#include "analyzer/faults.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"
#include "tests/unit/made_journal.h"

/* Three chunks of two events each, of thread 1, at 1, 2 and 3 s; where each ends. */
static char *make_chunks(size_t *size, size_t ends[3])
{
	struct made made;

	made_begin(&made);
	for (uint32_t i = 0; i < 3; i++) {
		made_block(&made, 1, i, false);
		for (uint64_t j = 0; j < 2; j++)
			made_alloc(&made, 0, 0x1000 + i * 32 + j * 16, 8, 1, (uint64_t[]){0x11});
		made.time_ns = (i + 1) * 1000000000ull;
		made_bytes(&made, &ends[i]);
	}
	const char *all = made_bytes(&made, size);
	char *bytes = malloc(*size);

	memcpy(bytes, all, *size);
	made_release(&made);
	return bytes;
}

/* The faults of bytes as one line: "KIND position thread serial n from to; " */
static void check_faults(const void *bytes, size_t size, const char *wanted, uint64_t events)
{
	struct trace *trace = made_open_journal(bytes, size, NULL, 0);
	struct faults faults;
	char text[512] = "";
	size_t at = 0;

	faults_find(&faults, trace);
	for (size_t i = 0; i < faults.n; i++) {
		const struct fault *fault = &faults.item[i];

		at += (size_t)snprintf(text + at, sizeof text - at, "%d %zu %u %u %llu %llu %llu; ",
				       (int)fault->kind, fault->position, fault->thread,
				       fault->serial, (unsigned long long)fault->n,
				       (unsigned long long)fault->from_ns / 1000000000,
				       (unsigned long long)fault->to_ns / 1000000000);
	}
	CHECK_STR(text, wanted);
	CHECK_EQ(faults.events, events);
	faults_release(&faults);
	trace_close(trace);
}

TEST(each_fault_is_told_with_its_place)
{
	size_t size, ends[3];
	char *bytes = make_chunks(&size, ends);

	check_faults(bytes, size, "", 6);
	check_faults(bytes, size - 1, "0 3 1 2 2 2 3; ", 4);
	bytes[ends[0] + TMZ_CHUNK_HEADER_SIZE + 3] ^= 1;
	check_faults(bytes, size, "1 2 1 1 2 1 2; ", 4);
	bytes[ends[0] + TMZ_CHUNK_HEADER_SIZE + 3] ^= 1;
	/* A header: what it was of is not known, but that a chunk of the stream is missing is. */
	bytes[ends[0] + 9] ^= 1;
	check_faults(bytes, size, "4 2 0 0 0 1 3; 5 0 1 1 1 0 0; ", 4);
	free(bytes);
}

TEST(payloads_that_are_none_are_faults)
{
	struct made made;
	size_t size;

	made_begin(&made);
	made_chunk(&made, CHUNK_THREADS, "\1", 1);
	made_chunk(&made, CHUNK_EVENTS, "\377\377\377", 3);
	made_chunk(&made, 200, "a later version's", 5);
	const char *bytes = made_bytes(&made, &size);

	check_faults(bytes, size, "2 1 0 0 0 0 0; 2 2 0 0 1 0 0; ", 0);
	made_release(&made);
}
