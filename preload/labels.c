// SPDX-License-Identifier: MIT
/*
 * Domains are few and in a list, in the order in which they were named. Marks may be many, mostly of
 * the same names: they are in a hash table, as far as the memory for names reaches. Beyond that each
 * gets a number of its own, which is correct as well.
 */
#include "labels.h"

#include <string.h>

#include "common/bytes.h"
#include "common/format.h"
#include "common/hash.h"
#include "epoch.h"
#include "memory.h"
#include "process.h"
#include "writer.h"

#define BUCKETS 256
#define ROOM_SIZE (16u << 10)
#define ROOMS_MOST 64 /* 1 MiB */

struct label {
	struct label *next;
	uint32_t number, size;
	uint32_t trace; /* marks: the last trace that has it */
	char text[];
};

static struct label *domains, *last_domain, *marks[BUCKETS];
static uint32_t last_mark, trace = 1;
static char *room;
static size_t room_left;
static unsigned n_rooms;

static struct label *make(uint32_t number, const char *text, size_t size)
{
	size_t need = (sizeof(struct label) + size + 7) / 8 * 8;
	struct label *label;

	if (need > room_left) {
		room_left = 0; /* first: another thread may fork between any two steps */
		room = n_rooms < ROOMS_MOST ? memory_map(ROOM_SIZE) : NULL;
		n_rooms += room != NULL;
		room_left = room ? ROOM_SIZE : 0;
	}
	if (need > room_left)
		return NULL;
	label = (struct label *)(void *)room;
	room_left -= need;
	room += need;
	label->number = number;
	label->size = (uint32_t)size;
	memcpy(label->text, text, size);
	return label;
}

static int write_label(enum chunk_kind kind, uint32_t number, const char *text, size_t size)
{
	uint8_t payload[2 * VARINT_MAX + LABEL_MOST];
	struct put p = put_into(payload, sizeof payload);

	put_varint(&p, number);
	put_string(&p, text, size);
	return writer_chunk(kind, 1, payload, (size_t)(p.at - payload)) ? 0 : -EIO;
}

static const struct label *find_domain(uint32_t domain)
{
	const struct label *found = NULL;

	for (const struct label *label = domains; label; label = label->next)
		found = label->number == domain ? label : found;
	return found;
}

static bool has_text(const struct label *label, const char *text, size_t size)
{
	return label->size == size && memcmp(label->text, text, size) == 0;
}

static int name_domain(uint32_t domain, const char *text, size_t size)
{
	const struct label *old = find_domain(domain);
	struct label *label;

	if (old && has_text(old, text, size))
		return 0;
	if (process_is_vfork_child())
		return -ENOTSUP;
	label = make(domain, text, size);
	if (!label)
		return -ENOMEM;
	if (last_domain)
		last_domain->next = label;
	else
		domains = label;
	last_domain = label;
	/* A forked child that did not notice yet has only its parent's trace. */
	if (!recording.has_trace || epoch->mode == MODE_WIPED)
		return 0;
	return write_label(CHUNK_DOMAINS, domain, text, size);
}

int labels_name_domain(uint32_t domain, const char *text, size_t size)
{
	struct lock_held held = lock_take(&epoch->labels);
	int result = name_domain(domain, text, size);

	lock_give(&held);
	return result;
}

static int find_mark(const char *text, size_t size, uint64_t *number)
{
	struct label **bucket = &marks[hash_checksum(text, size) % BUCKETS], *label = *bucket;
	int result;

	while (label && !has_text(label, text, size))
		label = label->next;
	if (label && label->trace == trace) {
		*number = label->number;
		return 0;
	}
	if (process_is_vfork_child())
		return -ENOTSUP;
	if (!label) {
		label = make(++last_mark, text, size);
		if (label) {
			label->next = *bucket;
			*bucket = label;
		}
	}
	*number = label ? label->number : last_mark;
	result = write_label(CHUNK_MARKS, (uint32_t)*number, text, size);
	if (label && result == 0)
		label->trace = trace;
	return result;
}

int labels_find_mark(const char *text, size_t size, uint64_t *number)
{
	struct lock_held held = lock_take(&epoch->labels);
	int result = find_mark(text, size, number);

	lock_give(&held);
	return result;
}

void labels_new_trace(void)
{
	struct lock_held held = lock_take(&epoch->labels);

	trace++;
	for (const struct label *label = domains; label; label = label->next)
		write_label(CHUNK_DOMAINS, label->number, label->text, label->size);
	lock_give(&held);
}
