// SPDX-License-Identifier: MIT
#include "analyzer/trace.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/trace_private.h"
#include "common/bytes.h"
#include "common/hash.h"
#include "tests/test.h"
#include "tests/unit/made_trace.h"

static uint8_t payload[4096];

static struct put begin(void)
{
	return put_into(payload, sizeof payload);
}

static void end(struct made *made, unsigned kind, const struct put *p)
{
	made_chunk(made, kind, payload, (size_t)(p->at - payload));
}

static void put_text(struct put *p, uint64_t tag, const char *text, size_t size)
{
	put_varint(p, tag);
	put_string(p, text, size);
}

static void put_number(struct put *p, uint64_t tag, uint64_t number)
{
	uint8_t bytes[VARINT_MAX];
	struct put value = put_into(bytes, sizeof bytes);

	put_varint(&value, number);
	put_text(p, tag, (char *)bytes, (size_t)(value.at - bytes));
}

TEST(the_process_is_described_and_later_fields_win)
{
	struct made made;
	struct put p = begin();

	made_begin(&made);
	put_text(&p, PROCESS_EXECUTABLE, "/bin/app", 8);
	put_text(&p, PROCESS_COMMAND, "./app\0--x\0", 10);
	put_number(&p, PROCESS_PID, 4711);
	put_number(&p, PROCESS_NFRAME, 7);
	put_number(&p, 999, 1); /* of a later version */
	put_number(&p, PROCESS_KILL_SAFE, 1);
	end(&made, CHUNK_PROCESS, &p);
	p = begin();
	put_number(&p, PROCESS_PID, 4712);
	end(&made, CHUNK_PROCESS, &p);
	made_closing(&made, 5);
	struct trace *trace = made_open(&made);

	CHECK_STR(trace->process.executable, "/bin/app");
	CHECK_EQ(trace->process.n_command, 2);
	CHECK_STR(trace->process.command[1], "--x");
	CHECK_EQ(trace->process.pid, 4712);
	CHECK_EQ(trace->process.nframe, 7);
	CHECK(trace->process.kill_safe);
	CHECK_STR(trace->process.host, "");
	CHECK(trace->complete);
	CHECK_STR(trace->warning, NULL);
	CHECK_EQ(trace->duration_ns, 5);
	trace_close(trace);
	made_release(&made);
}

static void put_module(struct put *p, uint64_t id, uint64_t from, const char *path, uint64_t start)
{
	put_varint(p, MODULE_LOADED);
	put_varint(p, id);
	put_varint(p, from);
	put_varint(p, start);
	put_string(p, path, strlen(path));
	put_string(p, "\xab\xcd", 2);
	put_varint(p, id == 0);
	put_varint(p, 1);
	put_varint(p, start);
	put_varint(p, 0x1000);
}

TEST(modules_have_their_generations)
{
	struct made made;
	struct put p = begin();

	made_begin(&made);
	put_module(&p, 0, 0, "/bin/app", 0x400000);
	put_module(&p, 1, 0, "/lib/old.so", 0x7000);
	put_varint(&p, MODULE_GONE);
	put_varint(&p, 1);
	put_varint(&p, 3);
	put_module(&p, 2, 3, "/lib/new.so", 0x7000);
	end(&made, CHUNK_MODULES, &p);
	struct trace *trace = made_open(&made);

	CHECK_EQ(trace->n_modules, 3);
	CHECK(trace->modules[0].main_program);
	CHECK(!trace->modules[1].main_program);
	CHECK_EQ(trace->modules[1].until, 3);
	CHECK_EQ(trace->modules[2].from, 3);
	CHECK_EQ(trace->modules[2].until, UINT64_MAX);
	CHECK_EQ(trace->modules[2].build_id_size, 2);
	CHECK_EQ(trace->modules[2].ranges[0].end, 0x8000);
	trace_close(trace);
	made_release(&made);
}

TEST(of_a_thread_the_last_name_counts_and_those_without_are_listed)
{
	struct made made;
	struct put p = begin();

	made_begin(&made);
	put_varint(&p, 2);
	put_varint(&p, 102);
	put_string(&p, "early", 5);
	put_varint(&p, 1);
	put_varint(&p, 101);
	put_string(&p, "main", 4);
	put_varint(&p, 2);
	put_varint(&p, 102);
	put_string(&p, "worker", 6);
	end(&made, CHUNK_THREADS, &p);
	made_block(&made, 3, 0, false);
	made_event(&made, EVENT_FREE, 0, 1);
	made_block(&made, 0, 0, false);
	made_event(&made, EVENT_FREE, 0, 1);
	struct trace *trace = made_open(&made);

	CHECK_EQ(trace->n_threads, 3);
	CHECK_STR(trace->threads[0].name, "main");
	CHECK_STR(trace->threads[1].name, "worker");
	CHECK_EQ(trace->threads[1].tid, 102);
	CHECK_EQ(trace->threads[2].number, 3);
	CHECK_STR(trace->threads[2].name, "");
	trace_close(trace);
	made_release(&made);
}

TEST(samples_and_losses_are_summed_up)
{
	struct made made;
	struct put p = begin();

	made_begin(&made);
	for (uint64_t i = 0; i < 3; i++) {
		put_varint(&p, i * 100);
		put_varint(&p, 5000 - i);
		put_varint(&p, 4000 + i);
	}
	end(&made, CHUNK_RESOURCES, &p);
	p = begin();
	for (uint64_t i = 1; i < 3; i++) {
		put_varint(&p, i);
		put_varint(&p, LOSS_WRITE);
		put_varint(&p, 10 * i);
		put_varint(&p, 0);
	}
	end(&made, CHUNK_LOSSES, &p);
	made_closing(&made, 0);
	struct trace *trace = made_open(&made);

	CHECK_EQ(trace->rss_peak, 5000);
	CHECK_EQ(trace->duration_ns, 200);
	CHECK_EQ(trace->quality.lost_events, 30);
	trace_close(trace);
	made_release(&made);
}

/* What opening BYTES is refused with, for the caller to free. */
static char *refusal(const void *bytes, size_t size)
{
	char *message = NULL;
	struct trace *trace = made_open_bytes(bytes, size, &message);

	CHECK(!trace);
	trace_close(trace);
	return message;
}

static void check_refusal(const void *bytes, size_t size, const char *wanted)
{
	char *message = refusal(bytes, size);

	CHECK_STR(message, wanted);
	free(message);
}

TEST(what_is_no_trace_is_refused_in_one_line)
{
	uint8_t header[TMZ_FILE_HEADER_SIZE];

	check_refusal("", 0, "made.tmz: not a tmtrace file (it is empty)");
	check_refusal("hello\n", 6, "made.tmz: not a tmtrace file (text)");
	check_refusal("\x7f"
		      "ELF",
		      4, "made.tmz: not a tmtrace file (an ELF program or library)");
	check_refusal("\1\2\3", 3, "made.tmz: not a tmtrace file");
	file_header_put(&(struct file_header){.version = 7}, header);
	check_refusal(header, sizeof header,
		      "made.tmz: format version 7, but this tmtrace reads version 1");
	check_refusal(header, 20,
		      "made.tmz: the file is cut off inside its header, after 20 of 32 bytes");
	header[9] ^= 1;
	check_refusal(header, sizeof header,
		      "made.tmz: the file header is damaged, and nothing behind it is readable");
}

TEST(files_that_cannot_be_read_are_refused)
{
	char *message = NULL;

	CHECK(!trace_open("/nonexistent/x.tmz", &message));
	CHECK_STR(message, "/nonexistent/x.tmz: No such file or directory");
	free(message);
	CHECK(!trace_open("/", &message));
	CHECK_STR(message, "/: Is a directory");
	free(message);
}

/* Four chunks of events, written at 1 s, 2 s, ..., 1000 events each, and the totals. */
static char *make_blocks(size_t *size, size_t ends[5])
{
	struct made made;

	made_begin(&made);
	for (uint32_t i = 0; i < 4; i++) {
		made_block(&made, 1, i, false);
		for (uint64_t j = 0; j < 1000; j++)
			made_alloc(&made, 0, hash_mix(i * 1000 + j), 8, 0, NULL);
		made.time_ns = (i + 1) * 1000000000ull;
		made_bytes(&made, &ends[i]);
	}
	made_closing(&made, 5000000000);
	const char *all = made_bytes(&made, size);
	char *bytes = malloc(*size);

	ends[4] = *size;
	memcpy(bytes, all, *size);
	made_release(&made);
	return bytes;
}

static void check_warning(const char *bytes, size_t size, const char *warning, uint64_t lost)
{
	char *message = NULL;
	struct trace *trace = made_open_bytes(bytes, size, &message);

	if (!CHECK(trace))
		return;
	CHECK_STR(trace->warning, warning);
	CHECK(!trace->complete);
	CHECK_EQ(trace->quality.lost_events, lost);
	trace_close(trace);
}

TEST(damage_is_told_in_words)
{
	size_t size, ends[5];
	char *bytes = make_blocks(&size, ends);

	bytes[ends[1] + 70] ^= 1;
	check_warning(bytes, size,
		      "made.tmz: chunk 3 of 5 is damaged: 1,000 events between 2.00 s and 3.00 s "
		      "are missing",
		      1000);
	bytes[ends[0] + 70] ^= 1;
	check_warning(bytes, size,
		      "made.tmz: 2 of 5 chunks are damaged: 2,000 events between 1.00 s and 3.00 s "
		      "are missing",
		      2000);
	bytes[ends[0] + 70] ^= 1;
	bytes[ends[1] + 70] ^= 1;
	bytes[ends[1] + 3] ^= 1;
	check_warning(
		bytes, size,
		"made.tmz: chunk 3 of 5 is damaged: events between 2.00 s and 4.00 s are missing",
		0);
	bytes[ends[1] + 3] ^= 1;
	memset(bytes + ends[1], 0, ends[2] - ends[1]);
	check_warning(bytes, size, "made.tmz: 1 chunk of events of thread 1 is missing", 0);
	free(bytes);
}

TEST(what_the_check_mode_found_is_read)
{
	static const uint8_t first[] = {5, 2, 1, 3, 1, 2, 0x81, 1, 7, 1, 9};
	static const uint8_t second[] = {200, 1, 4, 1};
	static const uint8_t cut[] = {201, 1, 4, 2, 3, 1, 100, 7};
	struct made made;

	made_begin(&made);
	made_chunk(&made, CHUNK_CHECKS, first, sizeof first);
	made_chunk(&made, CHUNK_CHECKS, second, sizeof second);
	struct trace *trace = made_open(&made);

	CHECK_EQ(trace->quality.checked_stacks, 200);
	CHECK_EQ(trace->quality.slow_stacks, 4);
	CHECK_EQ(trace->quality.stack_differences, 1);
	CHECK_EQ(trace->n_differences, 1);
	CHECK_EQ(trace->differences[0].same, 3);
	CHECK_EQ(trace->differences[0].from, 1);
	CHECK_EQ(trace->differences[0].n_walked, 2);
	CHECK_EQ(trace->differences[0].walked[0], 129);
	CHECK_EQ(trace->differences[0].n_reference, 1);
	CHECK_EQ(trace->differences[0].reference[0], 9);
	CHECK_EQ(trace->quality.damaged_chunks, 0);
	trace_close(trace);
	made_chunk(&made, CHUNK_CHECKS, cut, sizeof cut);
	trace = made_open(&made);
	CHECK_EQ(trace->quality.damaged_chunks, 1);
	trace_close(trace);
	made_release(&made);
}

TEST(a_trace_without_an_end_says_so)
{
	size_t size, ends[5];
	char *bytes = make_blocks(&size, ends);

	check_warning(
		bytes, ends[3],
		"made.tmz: the recording has no end: the program was killed or is still running",
		0);
	check_warning(bytes, ends[2] + 100,
		      "made.tmz: the file ends inside chunk 4: 1,000 events between 3.00 s and "
		      "4.00 s are missing",
		      1000);
	check_warning(bytes, ends[2] + 10,
		      "made.tmz: the file ends inside chunk 4: events after 3.00 s are missing", 0);
	free(bytes);
}

TEST(any_damage_is_survived)
{
	size_t size, ends[5];
	char *bytes = make_blocks(&size, ends), *message;
	uint64_t state = 1;

	for (unsigned round = 0; round < 300; round++) {
		char *copy = malloc(size);

		memcpy(copy, bytes, size);
		for (unsigned i = 0; i <= round % 8; i++) {
			uint64_t random = hash_mix(state++);

			copy[random % size] = (char)(random >> 56);
		}
		message = NULL;
		struct trace *trace = made_open_bytes(copy, size, &message);

		CHECK(trace || message);
		trace_close(trace);
		free(message);
		free(copy);
	}
	free(bytes);
}

TEST(records_cut_or_damaged_anywhere_are_survived)
{
	struct made made;
	uint64_t state = 7;
	size_t used;

	for (unsigned kind = CHUNK_PROCESS; kind < CHUNK_KIND_END; kind++) {
		if (kind == CHUNK_EVENTS || kind == CHUNK_RAW_BLOCK)
			continue;
		for (unsigned round = 0; round < 300; round++) {
			made_begin(&made);
			used = hash_mix(state++) % 200;
			for (size_t i = 0; i < used; i++) {
				uint64_t random = hash_mix(state++);

				/* Small numbers, so that some of it makes sense. */
				payload[i] = random & 3 ? (uint8_t)(random >> 60)
							: (uint8_t)(random >> 50);
			}
			made_chunk(&made, kind, payload, used);
			trace_close(made_open(&made));
			made_release(&made);
		}
	}
}
