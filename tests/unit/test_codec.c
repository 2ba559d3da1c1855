// SPDX-License-Identifier: MIT
#include "common/codec.h"

#include <stdlib.h>
#include <string.h>

#include "common/event.h"
#include "common/format.h"
#include "common/hash.h"
#include "tests/test.h"

#define WORDS_MAX 4096

static uint64_t random_state;

static uint64_t random_next(void)
{
	return hash_mix(random_state += 0x9e3779b97f4a7c15u);
}

/* A number of a random magnitude. */
static uint64_t random_number(void)
{
	return random_next() >> random_next() % 64;
}

/* Valid events of all kinds; returns the number of words. */
static size_t random_events(uint64_t *words, bool stamped)
{
	size_t n = 0;

	while (n < WORDS_MAX - 64) {
		enum event_kind kind = 1 + random_next() % (EVENT_KIND_END - 1);
		unsigned fields = event_fields(kind);
		uint32_t kept = 0, pushed = 0;

		if (fields & FIELD_STACK) {
			kept = random_next() % 30;
			pushed = random_next() % 20;
		}
		stamped |= kind == EVENT_CLOCK_ON;
		size_t rest = !!(fields & (FIELD_ADDRESS | FIELD_VALUE)) + !!(fields & FIELD_SIZE) +
			      !!(fields & FIELD_DOMAIN) + stamped + pushed;

		words[n++] = event_head(kind, random_next() & 7, kept, pushed);
		while (rest--)
			words[n++] = random_number();
	}
	return n;
}

struct coded {
	uint64_t words[WORDS_MAX];
	size_t n;
	uint8_t *payload;
	size_t size;
	struct codec_summary summary;
};

static void encode_random(struct coded *coded, bool stamped)
{
	coded->n = random_events(coded->words, stamped);
	coded->payload = malloc(codec_bound(coded->n));
	coded->size = codec_encode(coded->words, coded->n, stamped, coded->payload,
				   codec_bound(coded->n), &coded->summary);
}

TEST(any_events_come_back)
{
	struct coded coded;
	uint64_t back[WORDS_MAX];

	for (unsigned round = 0; round < 100; round++) {
		encode_random(&coded, round & 1);
		CHECK(coded.size > 0);
		CHECK_EQ(codec_words(coded.payload, coded.size), coded.n);
		CHECK(codec_decode(coded.payload, coded.size, round & 1, back));
		CHECK_MEM(back, coded.words, coded.n * sizeof *back);
		free(coded.payload);
	}
}

TEST(no_events_are_a_block_too)
{
	uint8_t payload[64];
	struct codec_summary summary;
	size_t size = codec_encode(NULL, 0, false, payload, codec_bound(0), &summary);

	CHECK(size > 0);
	CHECK_EQ(summary.events, 0);
	CHECK_EQ(codec_words(payload, size), 0);
}

TEST(a_payload_cut_at_any_byte_is_refused)
{
	struct coded coded;
	uint64_t back[WORDS_MAX];

	encode_random(&coded, true);
	for (size_t cut = 0; cut < coded.size; cut++) {
		uint8_t *exact = malloc(cut + !cut); /* so that reading behind it is seen */

		memcpy(exact, coded.payload, cut);
		if (codec_words(exact, cut) <= WORDS_MAX)
			CHECK(!codec_decode(exact, cut, true, back));
		free(exact);
	}
	free(coded.payload);
}

TEST(damage_is_refused_or_decodes_to_valid_events)
{
	struct coded coded;
	uint64_t back[WORDS_MAX];

	encode_random(&coded, false);
	for (unsigned round = 0; round < 20000; round++) {
		size_t at = random_next() % coded.size;
		uint8_t before = coded.payload[at];
		size_t n;

		coded.payload[at] = (uint8_t)random_next();
		n = codec_words(coded.payload, coded.size);
		if (n && n <= WORDS_MAX && codec_decode(coded.payload, coded.size, false, back)) {
			struct raw_words words = {back, back + n, false, false};
			struct raw_event event;

			while (raw_next(&words, &event))
				;
			CHECK(!words.bad);
		}
		coded.payload[at] = before;
	}
	free(coded.payload);
}

TEST(words_that_are_no_events_are_not_encoded)
{
	uint64_t words[] = {event_head(EVENT_ALLOC, 0, 0, 2), 0x1000, 24,
			    0x10}; /* one frame short */
	uint8_t payload[256];
	struct codec_summary summary;

	CHECK_EQ(codec_encode(words, 4, false, payload, sizeof payload, &summary), 0);
	words[0] = 99;
	CHECK_EQ(codec_encode(words, 1, false, payload, sizeof payload, &summary), 0);
	words[0] = event_head(EVENT_CLEAR, 0, 0, 0);
	CHECK(codec_encode(words, 1, false, payload, sizeof payload, &summary) > 0);
}

TEST(too_little_room_is_refused_before_anything_is_written)
{
	uint64_t words[] = {event_head(EVENT_FREE, 0, 0, 0), 0x1000};
	uint8_t payload[256] = {0};
	struct codec_summary summary;

	CHECK_EQ(codec_encode(words, 2, false, payload, codec_bound(2) - 1, &summary), 0);
	CHECK_EQ(payload[0], 0);
}

TEST(the_summary_counts_events_and_has_the_stamps)
{
	uint64_t words[] = {event_head(EVENT_FREE, 0, 0, 0),
			    0x1000,
			    event_head(EVENT_CLOCK_ON, 0, 0, 0),
			    70,
			    event_head(EVENT_FREE, 0, 0, 0),
			    0x2000,
			    75};
	uint8_t payload[512];
	struct codec_summary summary;

	CHECK(codec_encode(words, 7, false, payload, sizeof payload, &summary) > 0);
	CHECK_EQ(summary.events, 3);
	CHECK_EQ(summary.first_stamp, 70);
	CHECK_EQ(summary.last_stamp, 75);
}

TEST(a_payload_that_promises_more_than_the_bound_is_refused)
{
	uint8_t payload[] = {0xff, 0xff, 0xff, 0xff, 0x7f};

	CHECK_EQ(codec_words(payload, sizeof payload), 0);
}
