// SPDX-License-Identifier: MIT
/*
 * Records gather, and become a chunk when there are enough of them.
 */
#include "names_writer.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

#define NAMES_SIZE (4u << 20) /* of a chunk, about */

void names_writer_init(struct names_writer *names, struct chunk_writer *chunks,
		       const struct frames *frames)
{
	*names = (struct names_writer){.chunks = chunks, .frames = frames};
}

static void write_chunk(struct names_writer *names)
{
	struct payload all = {0};

	payload_varint(&all, names->n_strings);
	struct put put = payload_room(&all, names->strings.size + VARINT_MAX + names->records.size);

	put_bytes(&put, names->strings.bytes, names->strings.size);
	put_varint(&put, names->n_records);
	put_bytes(&put, names->records.bytes, names->records.size);
	payload_grown(&all, &put);
	chunk_write(names->chunks,
		    (struct chunk_header){.kind = CHUNK_NAMES, .count = (uint32_t)names->n_records},
		    all.bytes, all.size);
	free(all.bytes);
	names->strings.size = names->records.size = 0;
	names->n_strings = names->n_records = names->address = 0;
	memset(names->string_numbers, 0, names->n_string_numbers * sizeof *names->string_numbers);
}

/* Room for the numbers of all strings there are by now. */
static void number_room(struct names_writer *names)
{
	size_t n = frames_strings(names->frames);

	if (n <= names->n_string_numbers)
		return;
	n += n / 2;
	names->string_numbers =
		xreallocarray(names->string_numbers, n, sizeof *names->string_numbers);
	memset(names->string_numbers + names->n_string_numbers, 0,
	       (n - names->n_string_numbers) * sizeof *names->string_numbers);
	names->n_string_numbers = n;
}

/* The number of a string in this chunk, from 1; 0 for none. */
static uint64_t string_number(struct names_writer *names, uint32_t string)
{
	if (string == STRING_NONE)
		return 0;
	if (!names->string_numbers[string]) {
		size_t size;
		const char *text = frames_text(names->frames, string, &size);

		payload_string(&names->strings, text, size);
		names->string_numbers[string] = (uint32_t)++names->n_strings;
	}
	return names->string_numbers[string];
}

/* "MODULE:0" is made again from the module when it is read. */
static bool is_made_of_module(const struct frames *frames, const struct frame *frame)
{
	const char *module, *slash;

	if (frame->module == STRING_NONE || frame->line)
		return false;
	module = frames_text(frames, frame->module, NULL);
	slash = strrchr(module, '/');
	return strcmp(slash ? slash + 1 : module, frames_text(frames, frame->file, NULL)) == 0;
}

void names_writer_put(struct names_writer *names, uint64_t module, uint32_t path, uint64_t address,
		      const uint32_t *ids, size_t n)
{
	struct put put;

	number_room(names);
	payload_varint(&names->records, module == NAMES_NO_MODULE ? 0 : module + 1);
	put = payload_room(&names->records, VARINT_MAX);
	put_zigzag(&put, (int64_t)(address - names->address));
	payload_grown(&names->records, &put);
	names->address = address;
	payload_varint(&names->records, n);
	for (size_t i = 0; i < n; i++) {
		const struct frame *frame = frames_get(names->frames, ids[i]);
		uint32_t file = is_made_of_module(names->frames, frame) ? STRING_NONE : frame->file;
		uint32_t other = frame->module == path ? STRING_NONE : frame->module;

		payload_varint(&names->records, string_number(names, file));
		payload_varint(&names->records, frame->line);
		payload_varint(&names->records, string_number(names, frame->function));
		payload_varint(&names->records, string_number(names, other));
	}
	names->n_records++;
	if (names->strings.size + names->records.size > NAMES_SIZE)
		write_chunk(names);
}

void names_writer_end(struct names_writer *names)
{
	if (names->n_records)
		write_chunk(names);
	free(names->strings.bytes);
	free(names->records.bytes);
	free(names->string_numbers);
	*names = (struct names_writer){0};
}
