// SPDX-License-Identifier: MIT
/*
 * The index: what the lines say, sorted by address, and where they overlap cut to pieces of which
 * none does. The place of a name in the text tells the age of its line.
 */
#include "perf_map.h"

#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "common/format.h"
#include "die.h"

struct perf_symbol {
	uint64_t start;
	uint32_t size;
	uint32_t name; /* where it begins in the text */
};

struct symbols {
	struct perf_symbol *item;
	size_t n, cap;
};

void perf_map_add(struct perf_map *map, uint64_t offset, const char *text, size_t size)
{
	size_t left = TMZ_PERF_MAP_MAX - map->size;
	bool hole = left && map->size && offset != map->end && map->text[map->size - 1] != '\n';
	size_t need = map->size + hole + size;

	map->end = offset + size;
	map->indexed = false;
	if (hole + size > left) {
		map->cut = true;
		need = TMZ_PERF_MAP_MAX;
	}
	if (need > map->cap) {
		map->cap = need + map->cap / 2;
		map->text = xreallocarray(map->text, map->cap, 1);
	}
	if (hole)
		map->text[map->size++] = '\n';
	if (need > map->size)
		memcpy(map->text + map->size, text, need - map->size);
	map->size = need;
}

bool perf_map_read(struct perf_map *map, const uint8_t *payload, size_t size)
{
	struct get g = get_from(payload, size);
	uint64_t file_size = get_varint(&g), offset = get_varint(&g);
	size_t n = get_left(&g);

	if (g.bad)
		return false;
	perf_map_add(map, offset, (const char *)g.at, n);
	/* Of the last piece, unless the limit was met before. */
	map->cut = offset + n < file_size || map->size == TMZ_PERF_MAP_MAX;
	return true;
}

static int digit_of(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at;
}

/* The number at AT and the blanks around it; returns what is behind, NULL if there is none. */
static const char *read_number(const char *at, const char *end, uint64_t *number)
{
	at = skip_blanks(at, end);
	if (end - at > 2 && at[0] == '0' && (at[1] | 0x20) == 'x')
		at += 2;
	const char *first = at;

	for (*number = 0; at < end && digit_of(*at) >= 0; at++) {
		if (*number >> 60)
			return NULL;
		*number = *number << 4 | (uint64_t)digit_of(*at);
	}
	return at > first && at < end && is_blank(*at) ? skip_blanks(at, end) : NULL;
}

static void add_symbol(struct symbols *symbols, const struct perf_symbol *symbol)
{
	if (symbols->n == symbols->cap) {
		symbols->cap = symbols->cap ? symbols->cap + symbols->cap / 2 : 1024;
		symbols->item = xreallocarray(symbols->item, symbols->cap, sizeof *symbols->item);
	}
	symbols->item[symbols->n++] = *symbol;
}

static void read_line(const char *text, const char *at, const char *end, struct symbols *symbols)
{
	uint64_t start, size;

	at = read_number(at, end, &start);
	at = at ? read_number(at, end, &size) : NULL;
	if (!at || at == end || *at == '\r' || !size)
		return;
	if (size > UINT32_MAX)
		size = UINT32_MAX;
	if (size > UINT64_MAX - start)
		size = UINT64_MAX - start;
	add_symbol(symbols, &(struct perf_symbol){start, (uint32_t)size, (uint32_t)(at - text)});
}

static void read_lines(const struct perf_map *map, struct symbols *symbols)
{
	const char *at = map->text, *end = map->text + map->size, *next;

	for (; at < end; at = next + 1) {
		next = memchr(at, '\n', (size_t)(end - at));
		next = next ? next : end;
		read_line(map->text, at, next, symbols);
	}
}

static int compare_symbols(const void *left, const void *right)
{
	const struct perf_symbol *a = left, *b = right;

	if (a->start != b->start)
		return (a->start > b->start) - (a->start < b->start);
	return (a->name > b->name) - (a->name < b->name);
}

static bool overlap(const struct symbols *symbols)
{
	for (size_t i = 1; i < symbols->n; i++)
		if (symbols->item[i].start - symbols->item[i - 1].start < symbols->item[i - 1].size)
			return true;
	return false;
}

/* The symbols that have begun and not been found to have ended; the latest line is on top. */
struct heap {
	struct perf_symbol *item;
	size_t n;
};

static void heap_push(struct heap *heap, struct perf_symbol symbol)
{
	size_t i = heap->n++;

	for (; i && heap->item[(i - 1) / 2].name < symbol.name; i = (i - 1) / 2)
		heap->item[i] = heap->item[(i - 1) / 2];
	heap->item[i] = symbol;
}

static void heap_pop(struct heap *heap)
{
	struct perf_symbol last = heap->item[--heap->n];
	size_t i = 0, child;

	for (; (child = 2 * i + 1) < heap->n; i = child) {
		if (child + 1 < heap->n && heap->item[child + 1].name > heap->item[child].name)
			child++;
		if (heap->item[child].name < last.name)
			break;
		heap->item[i] = heap->item[child];
	}
	heap->item[i] = last;
}

static void add_piece(struct symbols *pieces, uint64_t from, uint64_t to, uint32_t name)
{
	struct perf_symbol *last = pieces->n ? &pieces->item[pieces->n - 1] : NULL;

	if (last && last->name == name && last->start + last->size == from)
		last->size += (uint32_t)(to - from);
	else
		add_symbol(pieces, &(struct perf_symbol){from, (uint32_t)(to - from), name});
}

/* Pieces for all that lies in [from, to). */
static void add_pieces(struct symbols *pieces, struct heap *heap, uint64_t from, uint64_t to)
{
	while (heap->n && from < to) {
		const struct perf_symbol *top = &heap->item[0];
		uint64_t end = top->start + top->size;

		if (end > from) {
			end = end < to ? end : to;
			add_piece(pieces, from, end, top->name);
			from = end;
		} else {
			heap_pop(heap);
		}
	}
}

/* A walk over the sorted symbols; at most two pieces for each. */
static struct symbols cut_to_pieces(const struct symbols *symbols)
{
	struct symbols pieces = {0};
	struct heap heap = {.item = xreallocarray(NULL, symbols->n, sizeof *heap.item)};

	for (size_t i = 0; i < symbols->n; i++) {
		if (i)
			add_pieces(&pieces, &heap, symbols->item[i - 1].start,
				   symbols->item[i].start);
		heap_push(&heap, symbols->item[i]);
	}
	add_pieces(&pieces, &heap, symbols->item[symbols->n - 1].start, UINT64_MAX);
	free(heap.item);
	return pieces;
}

static void make_index(struct perf_map *map)
{
	struct symbols symbols = {0};

	free(map->symbols);
	if (map->size)
		read_lines(map, &symbols);
	map->n_lines = symbols.n;
	if (symbols.n)
		qsort(symbols.item, symbols.n, sizeof *symbols.item, compare_symbols);
	if (overlap(&symbols)) {
		struct symbols pieces = cut_to_pieces(&symbols);

		free(symbols.item);
		symbols = pieces;
	}
	map->symbols = symbols.item;
	map->n_symbols = symbols.n;
	map->indexed = true;
}

const char *perf_map_find(struct perf_map *map, uint64_t address, size_t *size)
{
	if (!map->indexed)
		make_index(map);
	size_t low = 0, high = map->n_symbols;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->symbols[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address - map->symbols[low - 1].start >= map->symbols[low - 1].size)
		return NULL;
	const char *name = map->text + map->symbols[low - 1].name;
	const char *end = memchr(name, '\n', map->size - map->symbols[low - 1].name);

	*size = (size_t)((end ? end : map->text + map->size) - name);
	while (*size && (name[*size - 1] == '\r' || is_blank(name[*size - 1])))
		--*size;
	return name;
}

size_t perf_map_lines(struct perf_map *map)
{
	if (!map->indexed)
		make_index(map);
	return map->n_lines;
}

void perf_map_release(struct perf_map *map)
{
	free(map->text);
	free(map->symbols);
	*map = (struct perf_map){0};
}
