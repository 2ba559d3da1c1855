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

static bool one_in(unsigned n)
{
	return random_next() % n == 0;
}

/* A number of a random magnitude. */
static uint64_t random_number(void)
{
	return random_next() >> random_next() % 64;
}

struct block {
	uint64_t *words;
	size_t n, cap;
	bool stamped; /* at the start */
	bool now_stamped;
};

static void put_word(struct block *block, uint64_t word)
{
	if (block->n == block->cap) {
		block->cap = block->cap * 2 + 64;
		block->words = realloc(block->words, block->cap * sizeof *block->words);
	}
	block->words[block->n++] = word;
}

/* An event whose fields are as random as its stack. */
static void put_random(struct block *block, enum event_kind kind)
{
	unsigned fields = event_fields(kind);
	uint32_t kept = 0, pushed = 0;

	if (fields & FIELD_STACK) {
		kept = one_in(50) ? random_next() % (1u << EVENT_FIELD_BITS) : random_next() % 30;
		pushed = random_next() % 20;
	}
	block->now_stamped |= kind == EVENT_CLOCK_ON;
	size_t rest = !!(fields & (FIELD_ADDRESS | FIELD_VALUE)) + !!(fields & FIELD_SIZE) +
		      !!(fields & FIELD_DOMAIN) + block->now_stamped + pushed;

	put_word(block, event_head(kind, random_next() & (one_in(9) ? 0xff : 7), kept, pushed));
	while (rest--)
		put_word(block, random_number());
}

static void random_block(struct block *block, bool stamped, size_t n_words)
{
	block->n = 0;
	block->stamped = block->now_stamped = stamped;
	while (block->n < n_words)
		put_random(block, 1 + random_next() % (EVENT_KIND_END - 1));
}

/*
 * A program with habits: a stack that grows and shrinks by few kinds of calls, blocks that come from
 * free lists or from behind the one before, and frees of new, old, neighbouring and unknown blocks.
 */
#define BLOCKS_MOST 600

struct program {
	struct block *block;
	uint64_t live[BLOCKS_MOST], free[BLOCKS_MOST], at;
	unsigned n_live, n_free, depth;
	uint64_t stamp;
};

static void put_stamp(struct program *program)
{
	program->stamp += random_next() % 40;
	if (program->block->now_stamped)
		put_word(program->block, program->stamp);
}

static void program_allocates(struct program *program)
{
	uint32_t kept = program->depth - random_next() % (program->depth / 2 + 1);
	uint32_t pushed = random_next() % 4;
	uint64_t size = random_next() % 5 * 24, address;

	if (program->n_free && !one_in(3)) {
		unsigned i = one_in(4) ? random_next() % program->n_free : program->n_free - 1;

		address = program->free[i];
		program->free[i] = program->free[--program->n_free];
	} else {
		address = program->at += one_in(50) ? random_number() : (size + 23) / 16 * 16;
	}
	put_word(program->block,
		 event_head(EVENT_ALLOC, one_in(9) ? EVENT_RESIZE : 0, kept, pushed));
	put_word(program->block, address);
	put_word(program->block, size);
	put_stamp(program);
	for (uint32_t i = 0; i < pushed; i++)
		put_word(program->block, 0x400000 + (kept + i) % 7 * 0x100 + random_next() % 3);
	program->depth = kept + pushed;
	if (program->n_live < BLOCKS_MOST)
		program->live[program->n_live++] = address;
}

static void program_frees(struct program *program)
{
	uint64_t address = 0x7f0000000000 + random_next() % 64 * 16;

	if (program->n_live && !one_in(20)) {
		unsigned i = one_in(3) ? random_next() % program->n_live : program->n_live - 1;

		address = program->live[i];
		program->live[i] = program->live[--program->n_live];
	}
	put_word(program->block, event_head(EVENT_FREE, one_in(9) ? EVENT_RESIZE : 0, 0, 0));
	put_word(program->block, address);
	put_stamp(program);
	if (program->n_free < BLOCKS_MOST)
		program->free[program->n_free++] = address;
}

static void program_block(struct block *block, bool stamped, size_t n_words)
{
	static struct program program;

	block->n = 0;
	block->stamped = block->now_stamped = stamped;
	program = (struct program){.block = block, .at = 0x10000};
	while (block->n < n_words) {
		if (one_in(100)) {
			put_random(block,
				   EVENT_UNDO + random_next() % (EVENT_KIND_END - EVENT_UNDO));
			program.depth = 0;
			put_word(block, event_head(EVENT_MODULES, 0, 0, 0));
			put_word(block, 1);
			put_stamp(&program);
		} else if (random_next() % 2) {
			program_allocates(&program);
		} else {
			program_frees(&program);
		}
	}
}

struct coded {
	void *memory, *decoded;
	const uint8_t *payload;
	size_t size;
	struct codec_summary summary;
	struct codec_chunk chunk;
};

static bool encode(struct coded *coded, const struct block *block)
{
	*coded = (struct coded){.memory = malloc(codec_encode_size(block->n))};
	memset(coded->memory, (int)random_next(), codec_encode_size(block->n));
	coded->payload = codec_encode(block->words, block->n, block->stamped, coded->memory,
				      &coded->size, &coded->summary);
	return coded->payload != NULL;
}

static bool decode(struct coded *coded, const uint8_t *payload, size_t size, bool stamped)
{
	struct codec_counts counts;

	free(coded->decoded);
	coded->decoded = NULL;
	if (!codec_counts(payload, size, &counts))
		return false;
	coded->decoded = malloc(codec_decode_size(&counts));
	return codec_decode(payload, size, stamped, coded->decoded, &coded->chunk);
}

static void forget(struct coded *coded)
{
	free(coded->memory);
	free(coded->decoded);
}

/* Whether what was decoded are the words of the block. */
static bool is_block(const struct coded *coded, const struct block *block)
{
	size_t n = coded->chunk.counts.words;
	uint64_t *words = malloc((n + !n) * sizeof *words);
	bool same = n == block->n;

	codec_words(&coded->chunk, block->stamped, words);
	for (size_t i = 0; same && i < n; i++)
		same = words[i] == block->words[i];
	free(words);
	return same;
}

static void check_comes_back(const struct block *block)
{
	struct coded coded;

	CHECK(encode(&coded, block));
	CHECK(decode(&coded, coded.payload, coded.size, block->stamped));
	CHECK(is_block(&coded, block));
	CHECK_EQ(coded.summary.events, coded.chunk.counts.events);
	forget(&coded);
}

TEST(any_events_come_back)
{
	struct block block = {0};

	for (unsigned round = 0; round < 1000; round++) {
		random_block(&block, round & 1, random_next() % WORDS_MAX);
		check_comes_back(&block);
	}
	free(block.words);
}

TEST(events_of_a_program_with_habits_come_back)
{
	struct block block = {0};

	for (unsigned round = 0; round < 1000; round++) {
		program_block(&block, round & 1, random_next() % WORDS_MAX * 4);
		check_comes_back(&block);
	}
	free(block.words);
}

TEST(events_whose_fields_take_the_most_bytes_come_back)
{
	struct block block = {0};

	for (enum event_kind kind = 1; kind < EVENT_KIND_END; kind++) {
		unsigned fields = event_fields(kind);
		bool stack = fields & FIELD_STACK;
		uint32_t pushed = stack ? 1 + kind % 2 : 0;
		size_t rest = !!(fields & (FIELD_ADDRESS | FIELD_VALUE)) + !!(fields & FIELD_SIZE) +
			      !!(fields & FIELD_DOMAIN) + 1 + pushed;

		block.n = 0;
		block.stamped = true;
		for (unsigned i = 0; i < 5000; i++) {
			uint32_t kept = stack ? (1u << EVENT_FIELD_BITS) - 1 - i % 3 : 0;

			put_word(&block, event_head(kind, 0xff, kept, pushed));
			for (size_t field = 0; field < rest; field++)
				put_word(&block, random_next() | (i % 2 ? 1ull << 63 : 1));
		}
		check_comes_back(&block);
	}
	free(block.words);
}

#define PLACES 4096

/* An allocation or a free; owners are numbers of allocations plus 1, 0: free. */
static void put_owned(struct block *block, uint32_t owner[PLACES], unsigned place,
		      uint32_t *n_allocations)
{
	uint64_t address = 0x7f0000000000 + place * 32;

	if (owner[place]) {
		owner[place] = 0;
		put_word(block, event_head(EVENT_FREE, 0, 0, 0));
		put_word(block, address);
		return;
	}
	owner[place] = ++*n_allocations;
	put_word(block, event_head(EVENT_ALLOC, 0, 0, 0));
	put_word(block, address);
	put_word(block, 24);
}

/* Whether the frees of those places name the allocations that own them. */
static bool is_linked(const struct codec_chunk *chunk)
{
	uint32_t owner[PLACES] = {0}, n_allocations = 0;

	for (uint32_t i = 0; i < chunk->counts.events; i++) {
		const struct codec_event *event = &chunk->events[i];
		unsigned place = event->address / 32 % PLACES;

		if (event->kind == EVENT_ALLOC) {
			owner[place] = ++n_allocations;
		} else if (event->address >> 40) {
			if (event->link != owner[place] - 1)
				return false;
			owner[place] = 0;
		} else if (event->link != CODEC_NONE) {
			return false;
		}
	}
	return true;
}

/* However many blocks from before the chunk it frees: readers do not look for what is linked. */
TEST(every_free_of_a_block_of_the_chunk_names_its_allocation)
{
	for (unsigned olders = 0; olders < 60; olders += olders / 2 + 1) {
		struct block block = {0};
		uint32_t owner[PLACES] = {0}, n_allocations = 0;
		struct coded coded;

		for (unsigned i = 0; i < 2000; i++) {
			put_owned(&block, owner, i + random_next() % 64, &n_allocations);
			for (unsigned older = 0; older < olders; older++) {
				put_word(&block, event_head(EVENT_FREE, 0, 0, 0));
				put_word(&block, ((uint64_t)i * olders + older + 1) * 48);
			}
		}
		CHECK(encode(&coded, &block));
		CHECK(decode(&coded, coded.payload, coded.size, false));
		CHECK(is_linked(&coded.chunk));
		forget(&coded);
		free(block.words);
	}
}

TEST(a_block_as_large_as_may_be_comes_back)
{
	struct block block = {0};

	program_block(&block, false, TMZ_BLOCK_WORDS_MAX - 64);
	check_comes_back(&block);
	block.n = 0;
	while (block.n < TMZ_BLOCK_WORDS_MAX)
		put_word(&block, event_head(EVENT_CLEAR, 0, 0, 0));
	check_comes_back(&block);

	struct coded coded;

	put_word(&block, event_head(EVENT_CLEAR, 0, 0, 0));
	CHECK(!encode(&coded, &block));
	forget(&coded);
	free(block.words);
}

TEST(a_stack_of_a_million_frames_comes_back)
{
	struct block block = {0};

	for (unsigned round = 0; round < 3; round++) {
		uint32_t pushed = round ? 3 : EVENT_DEPTH_MAX;

		put_word(&block,
			 event_head(EVENT_ALLOC, 0, round ? EVENT_DEPTH_MAX - round : 0, pushed));
		put_word(&block, 0x1000 * round);
		put_word(&block, 10);
		for (uint32_t i = 0; i < pushed; i++)
			put_word(&block, 0x400000 + i % 100);
	}
	check_comes_back(&block);
	free(block.words);
}

TEST(no_events_are_a_block_too)
{
	struct block block = {0};

	check_comes_back(&block);
}

TEST(a_payload_does_not_depend_on_what_was_in_the_memory)
{
	struct block block = {0};
	struct coded one, other;

	program_block(&block, true, WORDS_MAX);
	CHECK(encode(&one, &block));
	CHECK(encode(&other, &block));
	CHECK_EQ(one.size, other.size);
	CHECK_MEM(one.payload, other.payload, one.size);
	forget(&one);
	forget(&other);
	free(block.words);
}

TEST(a_payload_cut_at_any_byte_is_refused)
{
	struct block block = {0};
	struct coded coded;

	program_block(&block, true, WORDS_MAX);
	CHECK(encode(&coded, &block));
	for (size_t cut = 0; cut < coded.size; cut++) {
		uint8_t *exact = malloc(cut + !cut); /* so that reading behind it is seen */

		memcpy(exact, coded.payload, cut);
		CHECK(!decode(&coded, exact, cut, true));
		free(exact);
	}
	forget(&coded);
	free(block.words);
}

/* A damaged payload is refused or gives valid events, as many as it promises. */
static void check_is_sound(struct coded *coded, const uint8_t *payload, size_t size, bool stamped)
{
	if (!decode(coded, payload, size, stamped))
		return;
	size_t n = coded->chunk.counts.words;
	uint64_t *words = malloc((n + !n) * sizeof *words);
	struct raw_words all = {words, words + n, stamped, false};
	struct raw_event event;
	uint32_t events = 0;

	codec_words(&coded->chunk, stamped, words);
	while (raw_next(&all, &event))
		events++;
	CHECK(!all.bad);
	CHECK_EQ(events, coded->chunk.counts.events);
	free(words);
}

TEST(damage_at_any_byte_is_refused_or_decodes_to_valid_events)
{
	struct block block = {0};

	for (unsigned round = 0; round < 4; round++) {
		struct coded coded;

		(round & 2 ? program_block : random_block)(&block, round & 1, 600);
		CHECK(encode(&coded, &block));
		uint8_t *payload = malloc(coded.size);

		memcpy(payload, coded.payload, coded.size);
		for (size_t at = 0; at < coded.size; at++) {
			for (unsigned bit = 0; bit < 8; bit += 1 + bit % 2) {
				payload[at] ^= (uint8_t)(1u << bit);
				check_is_sound(&coded, payload, coded.size, block.stamped);
				payload[at] = coded.payload[at];
			}
			payload[at] = (uint8_t)random_next();
			check_is_sound(&coded, payload, coded.size, block.stamped);
			payload[at] = coded.payload[at];
		}
		free(payload);
		forget(&coded);
	}
	free(block.words);
}

TEST(words_that_are_no_events_are_not_encoded)
{
	uint64_t words[] = {event_head(EVENT_ALLOC, 0, 0, 2), 0x1000, 24,
			    0x10}; /* one frame short */
	struct block block = {.words = words, .n = 4};
	struct coded coded;

	CHECK(!encode(&coded, &block));
	forget(&coded);
	words[0] = 99;
	block.n = 1;
	CHECK(!encode(&coded, &block));
	forget(&coded);
	words[0] = event_head(EVENT_CLEAR, 0, 0, 0);
	CHECK(encode(&coded, &block));
	forget(&coded);
}

TEST(the_summary_counts_events_and_has_the_stamps)
{
	uint64_t words[] = {event_head(EVENT_FREE, 0, 0, 0),
			    0x1000,
			    event_head(EVENT_ALLOC, 0, 0, 0),
			    0x1000,
			    30,
			    event_head(EVENT_CLOCK_ON, 0, 0, 0),
			    70,
			    event_head(EVENT_FREE, 0, 0, 0),
			    0x2000,
			    75};
	struct block block = {.words = words, .n = 10};
	struct coded coded;

	CHECK(encode(&coded, &block));
	CHECK_EQ(coded.summary.events, 4);
	CHECK_EQ(coded.summary.allocations, 1);
	CHECK_EQ(coded.summary.allocated_bytes, 30);
	CHECK_EQ(coded.summary.frees, 2);
	CHECK_EQ(coded.summary.first_stamp, 70);
	CHECK_EQ(coded.summary.last_stamp, 75);
	forget(&coded);
}

TEST(a_payload_that_promises_more_than_the_bound_is_refused)
{
	uint8_t payload[] = {0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	uint8_t events_without_tokens[] = {100, 50, 0, 0, 0, 0, 0, 0, 0};
	struct codec_counts counts;

	CHECK(!codec_counts(payload, sizeof payload, &counts));
	CHECK(!codec_counts(events_without_tokens, sizeof events_without_tokens, &counts));
}

static void put_alloc(struct block *block, uint64_t address, uint32_t kept, uint64_t frame)
{
	put_word(block, event_head(EVENT_ALLOC, 0, kept, 1));
	put_word(block, address);
	put_word(block, 24);
	put_word(block, frame);
}

static void put_free(struct block *block, uint64_t address)
{
	put_word(block, event_head(EVENT_FREE, 0, 0, 0));
	put_word(block, address);
}

TEST(a_free_names_its_allocation_and_an_allocation_its_delta)
{
	struct block block = {0};
	struct coded coded;

	put_alloc(&block, 0x1000, 0, 7);
	put_alloc(&block, 0x2000, 0, 7);
	put_alloc(&block, 0x3000, 0, 7);
	put_free(&block, 0x2000);
	put_free(&block, 0x9000);
	put_free(&block, 0x1000);
	put_free(&block, 0x1000);
	put_alloc(&block, 0x1000, 0, 8);
	put_free(&block, 0x1000);
	CHECK(encode(&coded, &block));
	CHECK(decode(&coded, coded.payload, coded.size, false));
	const struct codec_event *events = coded.chunk.events;

	CHECK(events[0].link != events[1].link); /* only the second pops a frame */
	CHECK_EQ(events[1].link, events[2].link);
	CHECK(events[7].link != events[1].link);
	CHECK_EQ(coded.chunk.deltas[events[7].link].popped, 1);
	CHECK_EQ(coded.chunk.deltas[events[7].link].frames[0], 8);
	CHECK_EQ(events[3].link, 1);
	CHECK_EQ(events[4].link, CODEC_NONE); /* it is from before the chunk */
	CHECK_EQ(events[5].link, 0);
	CHECK_EQ(events[6].link, CODEC_NONE); /* it was freed before */
	CHECK_EQ(events[8].link, 3);
	forget(&coded);
	free(block.words);
}

TEST(what_repeats_takes_one_byte_an_event)
{
	struct block block = {0};
	struct coded coded;

	for (unsigned round = 0; round < 2000; round++) {
		put_alloc(&block, 0x1000, 0, 7);
		put_alloc(&block, 0x2000 + round % 2 * 0x1000, 1, 8);
		put_free(&block, 0x2000 + round % 2 * 0x1000);
		put_free(&block, 0x1000);
	}
	CHECK(encode(&coded, &block));
	CHECK(coded.size < coded.summary.events + 200);
	forget(&coded);
	free(block.words);
}
