// SPDX-License-Identifier: MIT
/*
 * What a snapshot trace takes over from the trace it was made of.
 */
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "snapshot_save.h"
#include "trace_private.h"

#define FILTERED ", filtered" /* behind what the snapshot is of, once */

void save_payload(struct chunk_writer *writer, enum chunk_kind kind, size_t count,
		  struct payload *payload)
{
	if (count)
		chunk_write(writer,
			    (struct chunk_header){.kind = (uint8_t)kind, .count = (uint32_t)count},
			    payload->bytes, payload->size);
	free(payload->bytes);
}

void save_put_thread(struct payload *payload, const struct trace_thread *thread)
{
	payload_varint(payload, thread->number);
	payload_varint(payload, thread->tid);
	payload_string(payload, thread->name, strlen(thread->name));
}

static void put_field(struct payload *payload, uint64_t tag, const char *bytes, size_t size)
{
	payload_varint(payload, tag);
	payload_string(payload, bytes, size);
}

static void put_number(struct payload *payload, uint64_t tag, uint64_t number)
{
	uint8_t bytes[VARINT_MAX];
	struct put put = put_into(bytes, sizeof bytes);

	put_varint(&put, number);
	put_field(payload, tag, (const char *)bytes, (size_t)(put.at - bytes));
}

/* All fields of the source as they are; later ones of a tag stand for earlier ones. */
static void copy_fields(struct payload *payload, const struct trace *source)
{
	struct reader *reader = &source->inner->reader;

	for (size_t i = 0; i < reader->n_chunks; i++) {
		const struct chunk *chunk = &reader->chunks[i];
		size_t size;
		const uint8_t *bytes = chunk->header.kind == CHUNK_PROCESS
					       ? reader_payload(reader, chunk, &size)
					       : NULL;

		if (!bytes)
			continue;
		struct put put = payload_room(payload, size);

		put_bytes(&put, bytes, size);
		payload_grown(payload, &put);
	}
}

static void write_process(struct save *save)
{
	struct payload payload = {0};
	const struct trace *source = save->source;
	char *of;

	if (source && source->process.snapshot)
		of = xstrdup(source->process.snapshot);
	else if (source)
		of = xasprintf("%s of %s", save->snapshot->moment, source->path);
	else
		of = xstrdup("imported");
	if (save->snapshot->n_removed && !strstr(of, FILTERED)) {
		char *all = of;

		of = xasprintf("%s%s", all, FILTERED);
		free(all);
	}
	if (source)
		copy_fields(&payload, source);
	else
		put_field(&payload, PROCESS_RECORDER, "tmtrace " TMTRACE_VERSION,
			  strlen("tmtrace " TMTRACE_VERSION));
	put_field(&payload, PROCESS_SNAPSHOT, of, strlen(of));
	put_number(&payload, PROCESS_DURATION, save->snapshot->time_ns);
	put_number(&payload, PROCESS_NFRAME, save->snapshot->traceback_limit);
	save_payload(&save->writer, CHUNK_PROCESS, 1, &payload);
	free(of);
}

static bool is_copied(unsigned kind)
{
	return kind == CHUNK_MODULES || kind == CHUNK_THREADS || kind == CHUNK_RESOURCES ||
	       kind == CHUNK_LOSSES || kind == CHUNK_DOMAINS || kind == 0 || kind >= CHUNK_KIND_END;
}

void save_threads(struct chunk_writer *writer, const struct trace *source)
{
	struct payload payload = {0};
	size_t count = 0;

	for (size_t i = 0; i < source->n_threads; i++) {
		if (source->threads[i].recorded)
			continue;
		save_put_thread(&payload, &source->threads[i]);
		count++;
	}
	save_payload(writer, CHUNK_THREADS, count, &payload);
}

void save_metadata(struct save *save)
{
	struct reader *reader = save->source ? &save->source->inner->reader : NULL;

	write_process(save);
	if (save->source)
		save_inherited(&save->writer, save->source); /* first, as the last names count */
	for (size_t i = 0; reader && i < reader->n_chunks; i++) {
		const struct chunk *chunk = &reader->chunks[i];
		size_t size;
		const uint8_t *payload =
			is_copied(chunk->header.kind) ? reader_payload(reader, chunk, &size) : NULL;

		if (payload)
			chunk_write(&save->writer, chunk->header, payload, size);
	}
	if (save->source)
		save_threads(&save->writer, save->source);
}
