// SPDX-License-Identifier: MIT
/*
 * Bounded byte cursors, the only way bytes of a trace are read and written.
 *
 * Both cursors are sticky: an access past the end sets `bad`, reads give 0 from then on and writes
 * do nothing, so that a caller checks once at the end. All integers are little-endian; varints are
 * LEB128, at most 10 bytes; zigzag maps small signed numbers to small unsigned ones.
 */
#ifndef COMMON_BYTES_H
#define COMMON_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define VARINT_MAX 10 /* bytes of the longest 64-bit varint */

struct get {
	const uint8_t *at, *end;
	bool bad;
};

struct put {
	uint8_t *at, *end;
	bool bad;
};

static inline struct get get_from(const void *bytes, size_t size)
{
	return (struct get){.at = bytes, .end = (const uint8_t *)bytes + size};
}

static inline struct put put_into(void *bytes, size_t size)
{
	return (struct put){.at = bytes, .end = (uint8_t *)bytes + size};
}

static inline size_t get_left(const struct get *g)
{
	return (size_t)(g->end - g->at);
}

static inline bool get_room(struct get *g, size_t size)
{
	if (size > get_left(g)) {
		g->bad = true;
		g->at = g->end;
	}
	return !g->bad;
}

/* `size` bytes in place, or NULL. */
static inline const uint8_t *get_bytes(struct get *g, size_t size)
{
	const uint8_t *bytes = g->at;

	if (!get_room(g, size))
		return NULL;
	g->at += size;
	return bytes;
}

static inline uint64_t get_fixed(struct get *g, unsigned size)
{
	const uint8_t *bytes = get_bytes(g, size);
	uint64_t value = 0;

	for (unsigned i = 0; bytes && i < size; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

static inline uint64_t get_long_varint(struct get *g)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (g->at == g->end)
			break;
		uint8_t byte = *g->at++;

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return value;
	}
	g->bad = true;
	g->at = g->end;
	return 0;
}

/* Most are of one byte. */
static inline __attribute__((always_inline)) uint64_t get_varint(struct get *g)
{
	if (__builtin_expect(g->at != g->end && *g->at < 0x80, 1))
		return *g->at++;
	return get_long_varint(g);
}

static inline int64_t get_zigzag(struct get *g)
{
	uint64_t value = get_varint(g);

	return (int64_t)(value >> 1 ^ -(value & 1));
}

static inline bool put_room(struct put *p, size_t size)
{
	if (size > (size_t)(p->end - p->at))
		p->bad = true;
	return !p->bad;
}

static inline void put_bytes(struct put *p, const void *bytes, size_t size)
{
	if (!put_room(p, size) || !size)
		return;
	memcpy(p->at, bytes, size);
	p->at += size;
}

static inline void put_fixed(struct put *p, uint64_t value, unsigned size)
{
	if (!put_room(p, size))
		return;
	for (unsigned i = 0; i < size; i++)
		*p->at++ = (uint8_t)(value >> (8 * i));
}

static inline void put_varint(struct put *p, uint64_t value)
{
	uint8_t bytes[VARINT_MAX];
	unsigned n = 0;

	for (; value >= 0x80; value >>= 7)
		bytes[n++] = (uint8_t)(value | 0x80);
	bytes[n++] = (uint8_t)value;
	put_bytes(p, bytes, n);
}

static inline void put_zigzag(struct put *p, int64_t value)
{
	put_varint(p, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

/* A varint length and that many bytes. */
static inline void put_string(struct put *p, const char *text, size_t size)
{
	put_varint(p, size);
	put_bytes(p, text, size);
}

/* The counterpart: the bytes in place (not NUL-terminated), or NULL. */
static inline const char *get_string(struct get *g, size_t *size)
{
	uint64_t length = get_varint(g);

	*size = 0;
	if (length > get_left(g)) {
		g->bad = true;
		g->at = g->end;
		return NULL;
	}
	*size = (size_t)length;
	return (const char *)get_bytes(g, *size);
}

#endif
