// SPDX-License-Identifier: MIT
/*
 * A cached module of any content behind a good checksum: asked for addresses, added to and written
 * again; what then comes out of it is the same.
 *
 * The input is three numbers of 2 bytes, of answers, nodes and names, and the sections; the first
 * name is the key, so that it is looked at at all.
 */
#include <stdlib.h>
#include <string.h>

#include "analyzer/symbol_cache_format.h"
#include "common/bytes.h"
#include "common/hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] = "\0key\0a\0_Z1fi\0f(int)\0/a.c"; /* and what the input has left */

/* N times WORDS numbers, most of them below MOST. */
static void narrow(uint8_t **at, size_t n, size_t words, uint32_t most)
{
	for (size_t i = 0; i < n * words; i++, *at += 4) {
		uint32_t number;

		memcpy(&number, *at, 4);
		if (number % 16)
			number = number / 16 % most;
		memcpy(*at, &number, 4);
	}
}

/* Addresses in order, and numbers of the right size. */
static void tame(const struct cache_header *header, uint8_t *at)
{
	for (uint64_t i = 0; i < header->n_answers; i++, at += 8)
		memcpy(at, &(uint64_t){2 + 3 * i}, 8);
	narrow(&at, header->n_answers, 1, header->n_nodes + 2);
	for (uint32_t i = 0; i < header->n_nodes; i++) {
		narrow(&at, 1, 3, header->n_names + 2);
		at += 4;
		narrow(&at, 1, 1, i + 2);
	}
	narrow(&at, header->n_names, 2, sizeof text + 2);
}

static void *make(const uint8_t *data, size_t size, size_t *n)
{
	struct get g = get_from(data, size);
	struct cache_header header = {.magic = CACHE_MAGIC, .key = 1};
	const size_t summed = offsetof(struct cache_header, key);

	header.n_answers = get_fixed(&g, 2) % 64;
	header.n_nodes = get_fixed(&g, 2) % 64;
	header.n_names = get_fixed(&g, 2) % 64 + 1;
	size_t left = get_left(&g), before = header.n_answers * 12 + header.n_nodes * 20,
	       sections = before + header.n_names * 8;

	*n = sizeof header + sections + sizeof text + (left > sections ? left - sections : 0) + 1;
	header.text_size = *n - sizeof header - sections;
	uint8_t *bytes = calloc(1, *n), *at = bytes + sizeof header;

	memcpy(at, g.at, left < sections ? left : sections);
	tame(&header, at);
	memcpy(at + before, &(struct cache_name){.text = 1}, sizeof(struct cache_name));
	memcpy(at + sections, text, sizeof text);
	if (left > sections)
		memcpy(at + sections + sizeof text, g.at + sections, left - sections);
	memcpy(bytes, &header, sizeof header);
	header.checksum = hash_checksum(bytes + summed, *n - summed);
	memcpy(bytes, &header, sizeof header);
	return bytes;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void compare(const struct symbol *a, const struct symbol *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!same(a[i].function, b[i].function) || !same(a[i].file, b[i].file) ||
		    !same(a[i].linkage, b[i].linkage) || a[i].line != b[i].line ||
		    a[i].inlined != b[i].inlined)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct name_map names = {0};
	size_t n;
	void *bytes = make(data, size, &n);
	struct symbol_cache *c = symbol_cache_from(bytes, n, "key"), *again;

	if (!symbol_cache_is_filled(c))
		abort();
	symbol_cache_add(c, 1, &(struct symbol){.function = "added", .line = 5}, 1);
	bytes = symbol_cache_bytes(c, &names, &n);
	again = symbol_cache_from(bytes, n, "key");
	if (!symbol_cache_is_filled(again))
		abort();
	for (uint32_t i = 0; i < c->old.header->n_answers; i++) {
		struct symbol *was, *is;
		uint64_t address = c->old.addresses[i];
		size_t n_was = symbol_cache_find(c, address, false, &was),
		       n_is = symbol_cache_find(again, address, false, &is);

		if (n_was != n_is)
			abort();
		compare(was, is, n_was);
		free(was);
		free(is);
		symbol_cache_find(c, address, true, &was);
		free(was);
	}
	symbol_cache_free(again);
	symbol_cache_free(c);
	name_map_release(&names);
	return 0;
}
