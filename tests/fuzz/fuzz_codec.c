// SPDX-License-Identifier: MIT
/*
 * The codec fuzzed both ways. The first byte says how the rest is taken: as a payload to decode, as
 * raw words, as a script of events of a program (so that the guesses of the model come true, too),
 * or as such a script with damage to its payload.
 */
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "common/event.h"

#define WORDS_MOST 65536
#define DAMAGE_BYTES 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct script {
	const uint8_t *at, *end;
};

static uint8_t next(struct script *script)
{
	return script->at < script->end ? *script->at++ : 0;
}

/* Mostly one of few, at times any. */
static uint64_t address(struct script *script)
{
	uint8_t byte = next(script);
	uint64_t value = 0;

	if (byte < 0xf0)
		return 0x1000u + byte * 32u;
	for (unsigned i = 0; i < byte % 9; i++)
		value = value << 8 | next(script);
	return value;
}

static size_t put_event(struct script *script, uint64_t *words, bool *stamped, uint64_t *stamp)
{
	uint8_t byte = next(script);
	enum event_kind kind = EVENT_ALLOC + byte % 2;
	unsigned flags = byte / 2 % 8 == 7 ? EVENT_RESIZE : 0, fields;
	uint32_t kept = 0, pushed = 0;
	size_t n = 1;

	if (byte >= 0xf0) {
		kind = EVENT_ALLOC + next(script) % (EVENT_KIND_END - EVENT_ALLOC);
		flags = next(script);
	}
	fields = event_fields(kind);
	if (fields & FIELD_STACK) {
		uint8_t delta = next(script);

		kept = delta / 8;
		pushed = delta % 8;
	}
	if (fields & (FIELD_ADDRESS | FIELD_VALUE))
		words[n++] = address(script);
	if (fields & FIELD_SIZE)
		words[n++] = byte % 64 < 48 ? byte % 16 * 8u : address(script);
	if (fields & FIELD_DOMAIN)
		words[n++] = next(script);
	*stamped |= kind == EVENT_CLOCK_ON;
	if (*stamped)
		words[n++] = *stamp += next(script) % 200;
	for (uint32_t i = 0; i < pushed; i++)
		words[n++] = 0x400000 + next(script) % 16 * 64;
	words[0] = event_head(kind, flags, kept, pushed);
	return n;
}

static size_t make_words(struct script script, bool stamped, uint64_t *words)
{
	uint64_t stamp = 0;
	size_t n = 0;

	while (script.at < script.end && n < WORDS_MOST - 32)
		n += put_event(&script, words + n, &stamped, &stamp);
	return n;
}

/* Decodes; the words, or NULL if it was refused. */
static uint64_t *decode(const uint8_t *payload, size_t size, bool stamped, size_t *n)
{
	struct codec_counts counts;
	struct codec_chunk chunk;
	uint64_t *words = NULL;

	if (!codec_counts(payload, size, &counts))
		return NULL;
	void *memory = malloc(codec_decode_size(&counts));

	if (codec_decode(payload, size, stamped, memory, &chunk)) {
		*n = counts.words;
		words = malloc(*n * sizeof *words + 1);
		codec_words(&chunk, stamped, words);

		struct raw_words all = {words, words + *n, stamped, false};
		struct raw_event event;

		while (raw_next(&all, &event))
			;
		if (all.bad)
			abort();
	}
	free(memory);
	return words;
}

/* The same events, which is the same words but for what an event has no use for. */
static void compare(const uint64_t *words, const uint64_t *back, size_t n, bool stamped)
{
	struct raw_words one = {words, words + n, stamped, false};
	struct raw_words other = {back, back + n, stamped, false};
	struct raw_event a, b;

	while (raw_next(&one, &a)) {
		if (!raw_next(&other, &b) || a.kind != b.kind || a.flags != b.flags ||
		    a.address != b.address || a.size != b.size || a.domain != b.domain ||
		    a.stamp != b.stamp || a.kept != b.kept || a.pushed != b.pushed ||
		    (a.pushed && memcmp(a.frames, b.frames, a.pushed * sizeof *a.frames) != 0))
			abort();
	}
	if (one.at != one.end || other.at != other.end)
		abort();
}

/* There and back; DAMAGE: pairs of a place and what is changed there, after which anything goes. */
static void round_trip(const uint64_t *words, size_t n, bool stamped, const uint8_t *damage)
{
	void *memory = malloc(codec_encode_size(n));
	struct codec_summary summary;
	size_t size, n_back = 0;
	const uint8_t *payload = codec_encode(words, n, stamped, memory, &size, &summary);

	if (payload) {
		uint8_t *copy = malloc(size);

		memcpy(copy, payload, size);
		for (unsigned i = 0; damage && i < DAMAGE_BYTES; i += 4)
			copy[(damage[i] | damage[i + 1] << 8u) % size] ^= damage[i + 2];
		uint64_t *back = decode(copy, size, stamped, &n_back);

		if (!damage && (!back || n_back != n))
			abort();
		if (!damage)
			compare(words, back, n, stamped);
		free(back);
		free(copy);
	}
	free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint64_t words[WORDS_MOST];

	if (size < 1 + DAMAGE_BYTES)
		return 0;
	bool stamped = data[0] & 4;
	struct script script = {data + 1, data + size};
	size_t n = 0;

	switch (data[0] & 3) {
	case 0:
		free(decode(data + 1, size - 1, stamped, &n));
		break;
	case 1:
		n = (size - 1) / sizeof *words;
		n = n < WORDS_MOST ? n : WORDS_MOST;
		memcpy(words, data + 1, n * sizeof *words);
		round_trip(words, n, stamped, NULL);
		break;
	case 2:
		round_trip(words, make_words(script, stamped, words), stamped, NULL);
		break;
	default:
		script.at += DAMAGE_BYTES;
		round_trip(words, make_words(script, stamped, words), stamped, data + 1);
		break;
	}
	return 0;
}
