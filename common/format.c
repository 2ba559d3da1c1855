// SPDX-License-Identifier: MIT
/*
 * Headers to bytes and back. The layout is in man/tmz.5; put and get stand side by side.
 */
#include "common/format.h"

#include "common/bytes.h"
#include "common/hash.h"
#include "common/journal.h"

/* As in PNG: a high bit, then line ends of both kinds, so that a text-mode copy is recognised. */
const uint8_t tmz_magic[8] = {0x89, 'T', 'M', 'Z', '\r', '\n', 0x1a, '\n'};

const uint8_t journal_magic[8] = {0x89, 'T', 'M', 'J', '\r', '\n', 0x1a, '\n'};

void file_header_put(const struct file_header *header, uint8_t bytes[TMZ_FILE_HEADER_SIZE])
{
	struct put p = put_into(bytes, TMZ_FILE_HEADER_SIZE);

	put_bytes(&p, tmz_magic, sizeof tmz_magic);
	put_fixed(&p, header->version, 4);
	put_fixed(&p, header->flags, 4);
	put_fixed(&p, header->identity, 8);
	put_fixed(&p, 0, 4);
	put_fixed(&p, hash_checksum(bytes, 28), 4);
}

enum file_header_result file_header_get(const uint8_t bytes[TMZ_FILE_HEADER_SIZE],
					struct file_header *header)
{
	struct get g = get_from(bytes, TMZ_FILE_HEADER_SIZE);

	if (memcmp(get_bytes(&g, sizeof tmz_magic), tmz_magic, sizeof tmz_magic) != 0)
		return FILE_HEADER_FOREIGN;
	header->version = (uint32_t)get_fixed(&g, 4);
	header->flags = (uint32_t)get_fixed(&g, 4);
	header->identity = get_fixed(&g, 8);
	get_fixed(&g, 4);
	return get_fixed(&g, 4) == hash_checksum(bytes, 28) ? FILE_HEADER_OK : FILE_HEADER_DAMAGED;
}

void chunk_header_put(const struct chunk_header *header, uint8_t bytes[TMZ_CHUNK_HEADER_SIZE])
{
	struct put p = put_into(bytes, TMZ_CHUNK_HEADER_SIZE);

	put_fixed(&p, TMZ_CHUNK_MAGIC, 4);
	put_fixed(&p, header->kind, 1);
	put_fixed(&p, header->flags, 1);
	put_fixed(&p, 0, 2);
	put_fixed(&p, header->thread, 4);
	put_fixed(&p, header->serial, 4);
	put_fixed(&p, header->count, 4);
	put_fixed(&p, header->raw_size, 4);
	put_fixed(&p, header->stored_size, 4);
	put_fixed(&p, header->checksum, 4);
	put_fixed(&p, header->first_stamp, 8);
	put_fixed(&p, header->last_stamp, 8);
	put_fixed(&p, header->time_ns, 8);
	put_fixed(&p, 0, 4);
	put_fixed(&p, hash_checksum(bytes, TMZ_CHUNK_HEADER_SIZE - 4), 4);
}

bool chunk_header_get(const uint8_t bytes[TMZ_CHUNK_HEADER_SIZE], struct chunk_header *header)
{
	struct get g = get_from(bytes, TMZ_CHUNK_HEADER_SIZE);

	if (get_fixed(&g, 4) != TMZ_CHUNK_MAGIC)
		return false;
	header->kind = (uint8_t)get_fixed(&g, 1);
	header->flags = (uint8_t)get_fixed(&g, 1);
	get_fixed(&g, 2);
	header->thread = (uint32_t)get_fixed(&g, 4);
	header->serial = (uint32_t)get_fixed(&g, 4);
	header->count = (uint32_t)get_fixed(&g, 4);
	header->raw_size = (uint32_t)get_fixed(&g, 4);
	header->stored_size = (uint32_t)get_fixed(&g, 4);
	header->checksum = (uint32_t)get_fixed(&g, 4);
	header->first_stamp = get_fixed(&g, 8);
	header->last_stamp = get_fixed(&g, 8);
	header->time_ns = get_fixed(&g, 8);
	get_fixed(&g, 4);
	return get_fixed(&g, 4) == hash_checksum(bytes, TMZ_CHUNK_HEADER_SIZE - 4) &&
	       header->raw_size <= TMZ_PAYLOAD_MAX && header->stored_size <= TMZ_PAYLOAD_MAX;
}

size_t closing_put(const struct closing *closing, uint8_t bytes[CLOSING_SIZE_MAX])
{
	struct put p = put_into(bytes, CLOSING_SIZE_MAX);

	put_varint(&p, closing->allocations);
	put_varint(&p, closing->frees);
	put_varint(&p, closing->allocated_bytes);
	put_varint(&p, closing->lost_events);
	put_varint(&p, closing->duration_ns);
	put_varint(&p, closing->threads);
	put_varint(&p, closing->ended_by);
	return (size_t)(p.at - bytes);
}

bool closing_get(const uint8_t *bytes, size_t size, struct closing *closing)
{
	struct get g = get_from(bytes, size);

	closing->allocations = get_varint(&g);
	closing->frees = get_varint(&g);
	closing->allocated_bytes = get_varint(&g);
	closing->lost_events = get_varint(&g);
	closing->duration_ns = get_varint(&g);
	closing->threads = get_varint(&g);
	closing->ended_by = get_varint(&g);
	return !g.bad;
}
