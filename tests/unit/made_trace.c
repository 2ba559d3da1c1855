// SPDX-License-Identifier: MIT
/*
 * Traces made in memory.
 */
#include "tests/unit/made_trace.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/die.h"
#include "analyzer/trace_private.h"
#include "common/bytes.h"
#include "common/journal.h"
#include "tests/test.h"

void made_begin(struct made *made)
{
	made_begin_as(made, 0);
}

void made_begin_as(struct made *made, uint64_t identity)
{
	*made = (struct made){0};
	made->out = open_memstream(&made->bytes, &made->size);
	chunk_writer_init_as(&made->writer, made->out, identity);
}

void made_forked(struct made *made, uint64_t parent, const char *path, const uint64_t *position,
		 size_t n)
{
	uint8_t bytes[1024], numbers[512];
	struct put put = put_into(bytes, sizeof bytes), at = put_into(numbers, sizeof numbers);

	put_varint(&at, parent);
	put_varint(&put, PROCESS_PARENT_IDENTITY);
	put_string(&put, (char *)numbers, (size_t)(at.at - numbers));
	put_varint(&put, PROCESS_PARENT_TRACE);
	put_string(&put, path, strlen(path));
	at = put_into(numbers, sizeof numbers);
	for (size_t i = 0; i < n; i++)
		put_varint(&at, position[i]);
	put_varint(&put, PROCESS_FORKED_AT);
	put_string(&put, (char *)numbers, (size_t)(at.at - numbers));
	made_chunk(made, CHUNK_PROCESS, bytes, (size_t)(put.at - bytes));
}

void made_block(struct made *made, uint32_t thread, uint32_t serial, bool stamped)
{
	made_flush(made);
	made->open = true;
	made->thread = thread;
	made->serial = serial;
	made->stamped = made->now_stamped = stamped;
}

void made_flush(struct made *made)
{
	if (!made->open)
		return;
	chunk_write_block(&made->writer,
			  (struct chunk_header){
				  .flags = made->stamped ? CHUNK_STAMPED : 0,
				  .thread = made->thread,
				  .serial = made->serial,
				  .time_ns = made->time_ns,
			  },
			  made->words, made->n);
	made->n = 0;
	made->open = false;
}

void made_raw_block(struct made *made, size_t spare)
{
	struct journal_slot slot = {
		.committed = block_word(made->serial, made->stamped, (uint32_t)made->n),
		.thread = made->thread,
	};
	size_t size = sizeof slot + (made->n + spare) * 8;
	struct chunk_header header = {
		.kind = CHUNK_RAW_BLOCK,
		.flags = CHUNK_STORED | (made->stamped ? CHUNK_STAMPED : 0),
		.thread = made->thread,
		.serial = made->serial,
		.raw_size = (uint32_t)size,
		.stored_size = (uint32_t)size,
	};
	uint8_t bytes[TMZ_CHUNK_HEADER_SIZE];

	chunk_header_put(&header, bytes);
	fwrite(bytes, 1, sizeof bytes, made->out);
	fwrite(&slot, sizeof slot, 1, made->out);
	fwrite(made->words, 8, made->n, made->out);
	for (size_t i = 0; i < spare * 8; i++)
		fputc(0xee, made->out);
	made->n = 0;
	made->open = false;
}

void made_delta(struct made *made, const struct raw_event *event)
{
	unsigned fields = event_fields(event->kind);

	if (made->n + 8 + event->pushed > made->cap) {
		made->cap = (made->n + 8 + event->pushed) * 2;
		made->words = xreallocarray(made->words, made->cap, sizeof *made->words);
	}
	made->now_stamped |= event->kind == EVENT_CLOCK_ON;
	made->words[made->n++] = event_head(event->kind, event->flags, event->kept, event->pushed);
	if (fields & (FIELD_ADDRESS | FIELD_VALUE))
		made->words[made->n++] = event->address;
	if (fields & FIELD_SIZE)
		made->words[made->n++] = event->size;
	if (fields & FIELD_DOMAIN)
		made->words[made->n++] = event->domain;
	if (made->now_stamped)
		made->words[made->n++] = event->stamp;
	for (uint32_t i = 0; i < event->pushed; i++)
		made->words[made->n++] = event->frames[i];
}

void made_alloc(struct made *made, uint64_t stamp, uint64_t address, uint64_t size,
		uint32_t n_frames, const uint64_t *frames)
{
	made_delta(made, &(struct raw_event){
				 .kind = EVENT_ALLOC,
				 .address = address,
				 .size = size,
				 .stamp = stamp,
				 .pushed = n_frames,
				 .frames = frames,
			 });
}

void made_event(struct made *made, enum event_kind kind, uint64_t stamp, uint64_t value)
{
	made_delta(made, &(struct raw_event){.kind = kind, .address = value, .stamp = stamp});
}

void made_chunk(struct made *made, unsigned kind, const void *payload, size_t size)
{
	made_flush(made);
	chunk_write(
		&made->writer,
		(struct chunk_header){.kind = (uint8_t)kind, .count = 1, .time_ns = made->time_ns},
		payload, size);
}

void made_closing(struct made *made, uint64_t duration_ns)
{
	uint8_t bytes[CLOSING_SIZE_MAX];
	struct closing closing = {.duration_ns = duration_ns, .ended_by = ENDED_BY_EXIT};
	size_t size = closing_put(&closing, bytes);

	made_chunk(made, CHUNK_CLOSING, bytes, size);
}

const char *made_bytes(struct made *made, size_t *size)
{
	made_flush(made);
	fflush(made->out);
	*size = made->size;
	return made->bytes;
}

struct trace *made_open_bytes(const void *bytes, size_t size, char **message)
{
	struct source source;

	source_open_bytes(&source, bytes, size);
	return trace_open_source(&source, "made.tmz", message);
}

struct trace *made_open(struct made *made)
{
	size_t size;
	const char *bytes = made_bytes(made, &size);
	char *message = NULL;
	struct trace *trace = made_open_bytes(bytes, size, &message);

	if (!trace) {
		CHECK_STR(message, NULL);
		free(message);
		abort();
	}
	return trace;
}

void made_release(struct made *made)
{
	fclose(made->out);
	chunk_writer_release(&made->writer);
	free(made->bytes);
	free(made->words);
}

void made_end(struct made *made, const char *name)
{
	size_t size;
	const char *bytes = made_bytes(made, &size);
	FILE *file = fopen(test_path(name), "w");

	CHECK(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
	made_release(made);
}
