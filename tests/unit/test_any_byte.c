// SPDX-License-Identifier: MIT
/*
 * A whole trace, with each of its bytes changed in turn and cut off at each length, and chunks that
 * unpack to far more than they are.
 */
#include <stdlib.h>
#include <string.h>

#include "analyzer/replay.h"
#include "common/bytes.h"
#include "tests/test.h"
#include "tests/unit/made_trace.h"

#define BLOCKS 6
#define ALLOCATIONS 20 /* in the first block; each has one more than that before */
#define CHUNKS (BLOCKS + 5)

static uint8_t room[200];

static void add_records(struct made *made)
{
	struct put p = put_into(room, sizeof room);

	put_varint(&p, PROCESS_PID);
	put_varint(&p, 1);
	put_varint(&p, 7);
	put_varint(&p, PROCESS_EXECUTABLE);
	put_string(&p, "/bin/program", 12);
	made_chunk(made, CHUNK_PROCESS, room, (size_t)(p.at - room));
	p = put_into(room, sizeof room);
	put_varint(&p, 1);
	put_varint(&p, 71);
	put_string(&p, "main", 4);
	made_chunk(made, CHUNK_THREADS, room, (size_t)(p.at - room));
	p = put_into(room, sizeof room);
	put_varint(&p, 1);
	put_string(&p, "begin", 5);
	made_chunk(made, CHUNK_MARKS, room, (size_t)(p.at - room));
	p = put_into(room, sizeof room);
	put_varint(&p, 9);
	put_string(&p, "pool", 4);
	made_chunk(made, CHUNK_DOMAINS, room, (size_t)(p.at - room));
}

/* `begins` is where each chunk begins, and the end; `events` how many are in each. */
struct whole {
	struct made made;
	const char *bytes;
	size_t size, begins[CHUNKS + 1];
	uint64_t events[CHUNKS], all;
};

static void find_chunks(struct whole *whole)
{
	struct chunk_header header;
	size_t at = TMZ_FILE_HEADER_SIZE, n = 0;

	while (at < whole->size && n < CHUNKS) {
		if (!CHECK(chunk_header_get((const uint8_t *)whole->bytes + at, &header)))
			abort();
		whole->begins[n] = at;
		whole->events[n] = header.kind == CHUNK_EVENTS ? header.count : 0;
		whole->all += whole->events[n++];
		at += TMZ_CHUNK_HEADER_SIZE + header.stored_size;
	}
	CHECK_EQ(n, CHUNKS);
	CHECK_EQ(at, whole->size);
	whole->begins[n] = at;
}

static void make_whole(struct whole *whole)
{
	struct made *made = &whole->made;

	*whole = (struct whole){0};
	made_begin(made);
	made->time_ns = 1000000;
	add_records(made);
	for (uint32_t block = 0; block < BLOCKS; block++) {
		made_block(made, 1 + block % 2, block / 2, false);
		for (uint64_t i = 0; i < ALLOCATIONS + block; i++)
			made_alloc(made, 0, 0x10000 * (block + 1) + 64 * i, 24 + i, 2,
				   (uint64_t[]){0x400000 + block, 0x400100 + i});
	}
	made_closing(made, 2000000);
	whole->bytes = made_bytes(made, &whole->size);
	find_chunks(whole);
}

static void count(void *arg, const struct replay_event *event)
{
	(void)event;
	++*(uint64_t *)arg;
}

/* The events of a damaged copy are those of the chunks that are whole, and that it is damaged is said. */
static void check_copy(const char *bytes, size_t size, uint64_t wanted, size_t at)
{
	char *message = NULL;
	uint64_t events = 0;
	struct trace *trace = made_open_bytes(bytes, size, &message);
	bool ok = trace ? replay_events(trace, count, &events, &message) >= 0 : !wanted && message;

	ok = ok && events == wanted && (message || trace->warning);
	if (!CHECK(ok))
		fprintf(stderr, "    byte %zu: %llu events, %llu wanted; %s\n", at,
			(unsigned long long)events, (unsigned long long)wanted,
			message			  ? message
			: trace && trace->warning ? trace->warning
						  : "nothing said");
	free(message);
	trace_close(trace);
}

TEST(each_byte_that_changes_costs_the_events_of_its_chunk_and_is_told)
{
	struct whole whole;

	make_whole(&whole);
	char *copy = malloc(whole.size);

	for (size_t at = TMZ_FILE_HEADER_SIZE, hit = 0; at < whole.size; at++) {
		while (whole.begins[hit + 1] <= at)
			hit++;
		for (unsigned bits = 1; bits <= 0xff; bits = bits == 1 ? 0xff : 0x100) {
			memcpy(copy, whole.bytes, whole.size);
			copy[at] ^= (char)bits;
			check_copy(copy, whole.size, whole.all - whole.events[hit], at);
		}
	}
	free(copy);
	made_release(&whole.made);
}

TEST(each_byte_of_the_file_header_that_changes_costs_no_event_unless_it_is_no_trace_then)
{
	struct whole whole;

	make_whole(&whole);
	char *copy = malloc(whole.size);

	memcpy(copy, whole.bytes, whole.size);
	for (size_t at = 0; at < TMZ_FILE_HEADER_SIZE; at++) {
		copy[at] ^= 1;
		check_copy(copy, whole.size, at < sizeof tmz_magic ? 0 : whole.all, at);
		copy[at] ^= 1;
	}
	free(copy);
	made_release(&whole.made);
}

TEST(cut_at_each_byte_the_events_of_all_chunks_before_count_and_it_is_told)
{
	struct whole whole;
	uint64_t events = 0;

	make_whole(&whole);
	for (size_t size = 0, n = 0; size < whole.size; size++) {
		if (whole.begins[n + 1] <= size)
			events += whole.events[n++];
		check_copy(whole.bytes, size, events, size);
	}
	made_release(&whole.made);
}

/* A chunk whose payload is SIZE zeros, of which a frame is a ten-thousandth. */
static void add_zeros(struct made *made, unsigned kind, size_t size)
{
	uint8_t *zeros = calloc(1, size);

	made_chunk(made, kind, zeros, size);
	free(zeros);
}

TEST(records_that_unpack_to_more_than_the_limit_are_damage)
{
	struct made made;

	made_begin(&made);
	for (unsigned i = 0; i < 10; i++)
		add_zeros(&made, CHUNK_RESOURCES, 6u << 20);
	made_block(&made, 1, 0, false);
	made_alloc(&made, 0, 0x1000, 24, 1, (uint64_t[]){0x10});
	made_closing(&made, 1);
	struct trace *trace = made_open(&made);
	uint64_t events = 0;
	char *message = NULL;

	CHECK(trace->file_size < 100000);
	CHECK_EQ(trace->quality.damaged_chunks, 8); /* 16 MiB and a little: two of 6 are within */
	CHECK(trace->warning && strstr(trace->warning, "8 of 12 chunks are damaged"));
	CHECK(replay_events(trace, count, &events, &message) >= 0);
	CHECK_EQ(events, 1);
	trace_close(trace);
	made_release(&made);
}

/* The header of the first chunk, changed. */
static void check_claim(struct made *made, uint32_t raw_size, const char *said)
{
	struct chunk_header header;
	size_t size;
	const char *bytes = made_bytes(made, &size);
	char *copy = malloc(size), *message = NULL;
	uint8_t *at = (uint8_t *)copy + TMZ_FILE_HEADER_SIZE;

	memcpy(copy, bytes, size);
	CHECK(chunk_header_get(at, &header));
	header.raw_size = raw_size;
	chunk_header_put(&header, at);
	struct trace *trace = made_open_bytes(copy, size, &message);

	CHECK_EQ(trace->quality.damaged_chunks, 1);
	CHECK(trace->warning && strstr(trace->warning, said));
	trace_close(trace);
	free(message);
	free(copy);
}

TEST(a_chunk_is_never_unpacked_beyond_what_its_header_claims_nor_beyond_64_mib)
{
	struct made made;

	made_begin(&made);
	add_zeros(&made, CHUNK_RESOURCES, 8u << 20);
	made_closing(&made, 1);
	check_claim(&made, 1000, "chunk 1 of 2 is damaged");
	check_claim(&made, 9u << 20, "chunk 1 of 2 is damaged");
	check_claim(&made, TMZ_PAYLOAD_MAX + 1, "damaged");
	made_release(&made);
}
