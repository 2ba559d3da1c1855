// SPDX-License-Identifier: MIT
/*
 * The container, written.
 */
#include "chunk_writer.h"

#include <stdlib.h>

#include "common/codec.h"
#include "common/hash.h"
#include "die.h"
#include "pack.h"

void chunk_writer_init(struct chunk_writer *writer, FILE *out)
{
	chunk_writer_init_as(writer, out, 0);
}

void chunk_writer_init_as(struct chunk_writer *writer, FILE *out, uint64_t identity)
{
	uint8_t bytes[TMZ_FILE_HEADER_SIZE];

	*writer = (struct chunk_writer){.out = out};
	file_header_put(&(struct file_header){.version = TMZ_VERSION, .identity = identity}, bytes);
	fwrite(bytes, 1, sizeof bytes, out);
}

void chunk_writer_release(struct chunk_writer *writer)
{
	free(writer->packed);
	writer->packed = NULL;
}

void chunk_write(struct chunk_writer *writer, struct chunk_header header, const uint8_t *payload,
		 size_t size)
{
	size_t packed_size;

	if (pack_bound(size) > writer->packed_cap) {
		writer->packed_cap = pack_bound(size);
		writer->packed = xrealloc(writer->packed, writer->packed_cap);
	}
	packed_size = pack(payload, size, writer->packed, writer->packed_cap);
	header.flags &= (uint8_t)~CHUNK_STORED;
	if (!packed_size)
		header.flags |= CHUNK_STORED;
	const uint8_t *stored = packed_size ? writer->packed : payload;

	header.raw_size = (uint32_t)size;
	header.stored_size = (uint32_t)(packed_size ? packed_size : size);
	header.checksum = hash_checksum(stored, header.stored_size);
	chunk_copy(writer, &header, stored);
}

void chunk_copy(struct chunk_writer *writer, const struct chunk_header *header,
		const uint8_t *stored)
{
	uint8_t bytes[TMZ_CHUNK_HEADER_SIZE];

	chunk_header_put(header, bytes);
	fwrite(bytes, 1, sizeof bytes, writer->out);
	fwrite(stored, 1, header->stored_size, writer->out);
}

bool chunk_write_block(struct chunk_writer *writer, struct chunk_header header,
		       const uint64_t *words, size_t n)
{
	void *memory = xmalloc(codec_encode_size(n));
	struct codec_summary summary = {0};
	size_t size = 0;
	const uint8_t *payload =
		codec_encode(words, n, header.flags & CHUNK_STAMPED, memory, &size, &summary);

	header.kind = CHUNK_EVENTS;
	header.count = summary.events;
	header.first_stamp = summary.first_stamp;
	header.last_stamp = summary.last_stamp;
	if (payload)
		chunk_write(writer, header, payload, size);
	free(memory);
	return payload != NULL;
}

struct put payload_room(struct payload *payload, size_t size)
{
	if (!payload->bytes || size > payload->cap - payload->size) {
		payload->cap = (payload->cap + size) * 2 + 16;
		payload->bytes = xrealloc(payload->bytes, payload->cap);
	}
	return put_into(payload->bytes + payload->size, payload->cap - payload->size);
}

void payload_grown(struct payload *payload, const struct put *put)
{
	payload->size = (size_t)(put->at - payload->bytes);
}

void payload_varint(struct payload *payload, uint64_t value)
{
	struct put put = payload_room(payload, VARINT_MAX);

	put_varint(&put, value);
	payload_grown(payload, &put);
}

void payload_string(struct payload *payload, const char *text, size_t size)
{
	struct put put = payload_room(payload, VARINT_MAX + size);

	put_string(&put, text, size);
	payload_grown(payload, &put);
}
