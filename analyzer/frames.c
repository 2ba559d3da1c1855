// SPDX-License-Identifier: MIT
/*
 * Strings, frames and tracebacks, interned. What callers borrow never moves: texts and the frame
 * numbers of tracebacks live in an arena, frames in pages.
 */
#include "frames.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "common/hash.h"
#include "die.h"
#include "intern.h"
#include "utf8.h"

#define PAGE_FRAMES 1024u

struct text {
	const char *bytes;
	size_t size;
};

struct traceback {
	const uint32_t *ids;
	uint32_t n;
	uint32_t place; /* the traceback of the places, INTERN_NONE when not asked for yet */
};

struct frames {
	struct arena arena;
	struct intern text_set, frame_set, place_set, traceback_set;
	struct text *texts;
	struct frame **pages;
	uint32_t *places; /* of each frame */
	struct traceback *tracebacks;
	size_t n_texts, cap_texts, n_frames, n_tracebacks, cap_tracebacks;
};

struct frames *frames_new(void)
{
	struct frames *frames = xcalloc(1, sizeof *frames);

	intern_init(&frames->text_set);
	intern_init(&frames->frame_set);
	intern_init(&frames->place_set);
	intern_init(&frames->traceback_set);
	return frames;
}

void frames_free(struct frames *frames)
{
	if (!frames)
		return;
	for (size_t i = 0; i * PAGE_FRAMES < frames->n_frames; i++)
		free(frames->pages[i]);
	intern_release(&frames->text_set);
	intern_release(&frames->frame_set);
	intern_release(&frames->place_set);
	intern_release(&frames->traceback_set);
	arena_release(&frames->arena);
	free(frames->texts);
	free(frames->pages);
	free(frames->places);
	free(frames->tracebacks);
	free(frames);
}

static uint32_t next_id(size_t n)
{
	if (n >= INTERN_NONE)
		die("too many different names or tracebacks: over %u", INTERN_NONE);
	return (uint32_t)n;
}

static uint64_t text_hash(const char *text, size_t size)
{
	return hash_mix(hash_checksum(text, size));
}

static uint64_t text_hash_of(const void *frames, uint32_t id)
{
	const struct text *text = &((const struct frames *)frames)->texts[id];

	return text_hash(text->bytes, text->size);
}

uint32_t frames_string(struct frames *frames, const char *text, size_t size)
{
	struct intern *set = &frames->text_set;
	size_t slot = intern_start(set, text_hash(text, size));
	uint32_t id;

	for (; (id = set->slots[slot]) != INTERN_NONE; slot = intern_next(set, slot))
		if (frames->texts[id].size == size &&
		    (!size || memcmp(frames->texts[id].bytes, text, size) == 0))
			return id;
	id = next_id(frames->n_texts);
	if (frames->n_texts == frames->cap_texts) {
		frames->cap_texts = frames->cap_texts ? frames->cap_texts * 2 : 64;
		frames->texts =
			xreallocarray(frames->texts, frames->cap_texts, sizeof *frames->texts);
	}
	frames->texts[frames->n_texts++] =
		(struct text){arena_text(&frames->arena, text, size), size};
	intern_add(set, slot, id, text_hash_of, frames);
	return id;
}

const char *frames_text(const struct frames *frames, uint32_t string, size_t *size)
{
	if (size)
		*size = frames->texts[string].size;
	return frames->texts[string].bytes;
}

size_t frames_strings(const struct frames *frames)
{
	return frames->n_texts;
}

const struct frame *frames_get(const struct frames *frames, uint32_t frame)
{
	return &frames->pages[frame / PAGE_FRAMES][frame % PAGE_FRAMES];
}

static uint64_t place_hash(const struct frame *frame)
{
	return hash_mix((uint64_t)frame->file << 32 | frame->line);
}

static uint64_t frame_hash(const struct frame *frame)
{
	unsigned flags = frame->has_line | frame->allocator << 1 | frame->inlined << 2;

	return hash_mix(place_hash(frame) +
			hash_mix((uint64_t)frame->function << 32 | frame->module) + flags);
}

static uint64_t place_hash_of(const void *frames, uint32_t id)
{
	return place_hash(frames_get(frames, id));
}

static uint64_t frame_hash_of(const void *frames, uint32_t id)
{
	return frame_hash(frames_get(frames, id));
}

static bool same_place(const struct frame *a, const struct frame *b)
{
	return a->file == b->file && a->line == b->line;
}

static bool same_frame(const struct frame *a, const struct frame *b)
{
	return same_place(a, b) && a->function == b->function && a->module == b->module &&
	       a->has_line == b->has_line && a->allocator == b->allocator &&
	       a->inlined == b->inlined;
}

/* The first frame with the place of the new frame ID, which may be itself. */
static uint32_t find_place(struct frames *frames, uint32_t id)
{
	const struct frame *frame = frames_get(frames, id);
	struct intern *set = &frames->place_set;
	size_t slot = intern_start(set, place_hash(frame));
	uint32_t place;

	for (; (place = set->slots[slot]) != INTERN_NONE; slot = intern_next(set, slot))
		if (same_place(frames_get(frames, place), frame))
			return place;
	intern_add(set, slot, id, place_hash_of, frames);
	return id;
}

static uint32_t append_frame(struct frames *frames, const struct frame *frame)
{
	uint32_t id = next_id(frames->n_frames);
	size_t page = id / PAGE_FRAMES;

	if (id % PAGE_FRAMES == 0) {
		frames->pages = xreallocarray(frames->pages, page + 1, sizeof *frames->pages);
		frames->pages[page] = xreallocarray(NULL, PAGE_FRAMES, sizeof **frames->pages);
		frames->places = xreallocarray(frames->places, (page + 1) * PAGE_FRAMES,
					       sizeof *frames->places);
	}
	frames->pages[page][id % PAGE_FRAMES] = *frame;
	frames->n_frames++;
	return id;
}

uint32_t frames_frame(struct frames *frames, const struct frame *frame)
{
	struct intern *set = &frames->frame_set;
	size_t slot = intern_start(set, frame_hash(frame));
	uint32_t id;

	for (; (id = set->slots[slot]) != INTERN_NONE; slot = intern_next(set, slot))
		if (same_frame(frames_get(frames, id), frame))
			return id;
	id = append_frame(frames, frame);
	intern_add(set, slot, id, frame_hash_of, frames);
	frames->places[id] = find_place(frames, id);
	return id;
}

uint32_t frames_unknown(struct frames *frames)
{
	return frames_frame(frames, &(struct frame){
					    .file = frames_string(frames, "<unknown>", 9),
					    .function = STRING_NONE,
					    .module = STRING_NONE,
				    });
}

uint32_t frames_place(const struct frames *frames, uint32_t frame)
{
	return frames->places[frame];
}

int frames_compare(const struct frames *frames, uint32_t a, uint32_t b)
{
	const struct frame *x = frames_get(frames, a), *y = frames_get(frames, b);

	if (x->file != y->file)
		return frames_text_compare(frames, x->file, y->file);
	return (x->line > y->line) - (x->line < y->line);
}

/*
 * The character at AT, which moves behind it: a code point, or what surrogateescape makes of a
 * byte.
 */
static uint32_t next_code(const char **at, const char *end)
{
	uint32_t code;
	size_t size = utf8_decode(*at, (size_t)(end - *at), &code);

	if (!size)
		code = 0xdc00 + (unsigned char)**at;
	*at += size ? size : 1;
	return code;
}

static int compare_codes(const struct text *x, const struct text *y)
{
	const char *a = x->bytes, *b = y->bytes;

	while (a < x->bytes + x->size && b < y->bytes + y->size) {
		uint32_t code_a = next_code(&a, x->bytes + x->size);
		uint32_t code_b = next_code(&b, y->bytes + y->size);

		if (code_a != code_b)
			return code_a < code_b ? -1 : 1;
	}
	return (a < x->bytes + x->size) - (b < y->bytes + y->size);
}

/*
 * The order of the bytes is that of the code points, but where there are bytes that are no UTF-8.
 */
int frames_text_compare(const struct frames *frames, uint32_t a, uint32_t b)
{
	const struct text *x = &frames->texts[a], *y = &frames->texts[b];
	size_t common = x->size < y->size ? x->size : y->size, i = 0;

	while (i < common && x->bytes[i] == y->bytes[i])
		i++;
	if (i == common && !(i && x->bytes[i - 1] & 0x80))
		return (x->size > y->size) - (x->size < y->size);
	if (i == common || (x->bytes[i] | y->bytes[i]) & 0x80)
		return compare_codes(x, y);
	return (unsigned char)x->bytes[i] < (unsigned char)y->bytes[i] ? -1 : 1;
}

static uint64_t ids_hash(const uint32_t *ids, size_t n)
{
	uint64_t hash = n;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ ids[i]) * 0x9fb21c651e98df25u, hash ^= hash >> 32;
	return hash_mix(hash);
}

static uint64_t traceback_hash_of(const void *frames, uint32_t id)
{
	const struct traceback *traceback = &((const struct frames *)frames)->tracebacks[id];

	return ids_hash(traceback->ids, traceback->n);
}

uint32_t frames_traceback(struct frames *frames, const uint32_t *ids, size_t n)
{
	struct intern *set = &frames->traceback_set;
	size_t slot = intern_start(set, ids_hash(ids, n));
	uint32_t id;

	for (; (id = set->slots[slot]) != INTERN_NONE; slot = intern_next(set, slot))
		if (frames->tracebacks[id].n == n &&
		    memcmp(frames->tracebacks[id].ids, ids, n * sizeof *ids) == 0)
			return id;
	id = next_id(frames->n_tracebacks);
	if (frames->n_tracebacks == frames->cap_tracebacks) {
		frames->cap_tracebacks = frames->cap_tracebacks ? frames->cap_tracebacks * 2 : 64;
		frames->tracebacks = xreallocarray(frames->tracebacks, frames->cap_tracebacks,
						   sizeof *frames->tracebacks);
	}
	frames->tracebacks[frames->n_tracebacks++] = (struct traceback){
		.ids = arena_copy(&frames->arena, ids, n * sizeof *ids),
		.n = (uint32_t)n,
		.place = INTERN_NONE,
	};
	intern_add(set, slot, id, traceback_hash_of, frames);
	return id;
}

const uint32_t *frames_traceback_get(const struct frames *frames, uint32_t traceback, size_t *n)
{
	*n = frames->tracebacks[traceback].n;
	return frames->tracebacks[traceback].ids;
}

static uint32_t find_traceback_place(struct frames *frames, uint32_t id)
{
	size_t n;
	const uint32_t *ids = frames_traceback_get(frames, id, &n);
	uint32_t *places;
	size_t same = 0;

	while (same < n && frames->places[ids[same]] == ids[same])
		same++;
	if (same == n)
		return id;
	places = xreallocarray(NULL, n, sizeof *places);
	for (size_t i = 0; i < n; i++)
		places[i] = frames->places[ids[i]];
	uint32_t place = frames_traceback(frames, places, n);

	free(places);
	return place;
}

uint32_t frames_traceback_place(struct frames *frames, uint32_t traceback)
{
	if (frames->tracebacks[traceback].place == INTERN_NONE) {
		uint32_t place = find_traceback_place(frames, traceback);

		frames->tracebacks[traceback].place = place;
	}
	return frames->tracebacks[traceback].place;
}

int frames_traceback_compare(const struct frames *frames, uint32_t a, uint32_t b)
{
	const struct traceback *x = &frames->tracebacks[a], *y = &frames->tracebacks[b];
	uint32_t common = x->n < y->n ? x->n : y->n;

	for (uint32_t i = 1; i <= common; i++) {
		int order = frames_compare(frames, x->ids[x->n - i], y->ids[y->n - i]);

		if (order)
			return order;
	}
	return (x->n > y->n) - (x->n < y->n);
}
