// SPDX-License-Identifier: MIT
/*
 * One 64-bit mix and one checksum; the checksum is part of the file format (man/tmz.5).
 */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bijective; every input bit reaches every output bit (the finisher of splitmix64). */
static inline uint64_t hash_mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/*
 * Takes 8 bytes a step, the last ones padded with zeros. Each step is a bijection of the word it
 * takes, so a change confined to one word is always found before the result is cut to 32 bits.
 */
static inline uint32_t hash_checksum(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint64_t hash = 0x9e3779b97f4a7c15u ^ size;

	for (; size >= 8; at += 8, size -= 8) {
		uint64_t word;

		memcpy(&word, at, 8);
		hash = (hash ^ word) * 0x9fb21c651e98df25u;
		hash ^= hash >> 29;
	}
	if (size) {
		uint64_t word = 0;

		memcpy(&word, at, size);
		hash = (hash ^ word) * 0x9fb21c651e98df25u;
	}
	return (uint32_t)hash_mix(hash);
}

#endif
