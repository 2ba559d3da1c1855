// SPDX-License-Identifier: MIT
#include "analyzer/fork_position.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/ancestors.h"
#include "common/bytes.h"
#include "tests/test.h"
#include "tests/unit/heir.h"

#define STEPS 900
#define PIECE 300 /* events of a chunk; enough for all ways of replaying one */
#define BLOCKS 40
#define PARENT 0x77

struct step {
	struct raw_event event;
	uint32_t thread;
	bool counts;
};

/* A program of two threads and late events, the same for the same SEED. */
struct program {
	struct step steps[STEPS];
	uint64_t frames[STEPS][2];
	uint64_t totals[3]; /* events that count, by thread */
	unsigned seed;
	bool live[BLOCKS], pooled[BLOCKS];
	bool freed[3]; /* the last of the thread */
};

static unsigned dice(struct program *program, unsigned sides)
{
	program->seed = program->seed * 1103515245u + 12345u;
	return (program->seed >> 16) % sides;
}

static struct raw_event choose(struct program *program, struct step *step, size_t i)
{
	unsigned block = dice(program, BLOCKS);
	uint64_t address = 0x1000 + block * 0x100;
	struct raw_event event = {.stamp = 1000 * (i + 1), .address = address, .size = i + 1};

	program->freed[step->thread] = false;
	switch (dice(program, 8)) {
	case 0:
		event.kind = EVENT_TIME;
		event.address = i * 1000000u;
		return event;
	case 1:
		event.kind = program->pooled[block] ? EVENT_UNTRACK : EVENT_TRACK;
		program->pooled[block] = !program->pooled[block];
		event.domain = 7;
		break;
	case 2:
		event.kind = dice(program, 2) ? EVENT_TRACK : EVENT_UNMAP;
		event.domain = DOMAIN_MAPPED;
		event.address = 0x100000 + dice(program, 16) * 0x1000;
		event.size = (1 + dice(program, 5)) * 0x1000;
		break;
	default:
		event.kind = program->live[block] ? EVENT_FREE : EVENT_ALLOC;
		program->live[block] = !program->live[block];
		program->freed[step->thread] = event.kind == EVENT_FREE;
	}
	if (event_fields(event.kind) & FIELD_STACK) {
		program->frames[i][0] = 0x40 + dice(program, 5);
		program->frames[i][1] = 0x80 + dice(program, 5);
		event.pushed = 2;
		event.frames = program->frames[i];
	}
	return event;
}

static void program_make(struct program *program, unsigned seed)
{
	*program = (struct program){.seed = seed};
	for (size_t i = 0; i < STEPS; i++) {
		struct step *step = &program->steps[i];

		step->thread = dice(program, 9) < 8 ? 1 + dice(program, 2) : 0;
		step->event = choose(program, step, i);
		step->counts = event_counts(step->event.kind);
		program->totals[step->thread] += step->counts;
	}
}

static void put_threads(struct made *made)
{
	uint8_t bytes[64];
	struct put put = put_into(bytes, sizeof bytes);

	for (unsigned number = 1; number <= 2; number++) {
		put_varint(&put, number);
		put_varint(&put, 10 + number);
		put_string(&put, number == 1 ? "one" : "two", 3);
	}
	made_chunk(made, CHUNK_THREADS, bytes, (size_t)(put.at - bytes));
}

/* Of each stream the first LIMIT events that count and what stands between them. */
static void put_program(struct made *made, const struct program *program, const uint64_t limit[3])
{
	put_threads(made);
	for (uint32_t thread = 0; thread < 3; thread++) {
		uint64_t left = limit[thread];
		uint32_t n = 0, serial = 0;

		for (size_t i = 0; i < STEPS && left; i++) {
			const struct step *step = &program->steps[i];

			if (step->thread != thread)
				continue;
			if (n++ % PIECE == 0)
				made_block(made, thread, serial++, true);
			made_delta(made, &step->event);
			left -= step->counts;
		}
		made_flush(made);
	}
}

static char *text_of_prefix(const struct program *program, const uint64_t limit[3])
{
	struct made made;
	struct taken heir;

	made_begin_as(&made, PARENT + 1);
	put_program(&made, program, limit);
	heir_take(&heir, &made, "prefix.tmz", "end");
	char *text = heir_text(&heir, 0);

	drop(&heir);
	return text;
}

/* A child of the parent at PATH, forked when its streams had LIMIT events that count. */
static void begin_child(struct made *made, const char *path, const uint64_t limit[3])
{
	made_begin_as(made, 1);
	made_forked(made, PARENT, path, (uint64_t[]){2, 0, limit[0], 1, limit[1], 2, limit[2]}, 7);
}

static void check_cut(const struct program *program, const uint64_t limit[3])
{
	struct made made;
	struct taken heir;

	begin_child(&made, "/nowhere/parent.tmz", limit);
	heir_take(&heir, &made, "child.tmz", "start");
	char *text = heir_text(&heir, 0), *wanted = text_of_prefix(program, limit);

	if (!CHECK_STR(text, wanted))
		fprintf(stderr, "    cut at %llu, %llu and %llu\n", (unsigned long long)limit[0],
			(unsigned long long)limit[1], (unsigned long long)limit[2]);
	CHECK_STR(heir.trace->inherited.warning, NULL);
	CHECK_EQ(heir.totals.events, 0);
	free(text);
	free(wanted);
	drop(&heir);
}

static void save_parent(const struct program *program)
{
	struct made made;

	made_begin_as(&made, PARENT);
	put_program(&made, program, program->totals);
	/* More that never counts: a thread that began after the fork. */
	made_block(&made, 3, 0, true);
	made_alloc(&made, 2000000, 0x5000, 99, 0, NULL);
	made_end(&made, "parent.tmz");
}

TEST(a_child_inherits_exactly_what_stands_before_the_fork_in_each_stream)
{
	static struct program program;

	program_make(&program, 7);
	save_parent(&program);
	for (unsigned i = 0; i < 150; i++) {
		uint64_t limit[3];

		for (unsigned thread = 0; thread < 3; thread++)
			limit[thread] = dice(&program, (unsigned)program.totals[thread] + 1);
		check_cut(&program, limit);
	}
	check_cut(&program, program.totals);
	check_cut(&program, (uint64_t[]){0, 0, 0});
}

static void count_steps(const struct program *program, size_t n, uint64_t limit[3])
{
	memset(limit, 0, 3 * sizeof *limit);
	for (size_t i = 0; i < n; i++)
		limit[program->steps[i].thread] += program->steps[i].counts;
}

/* A child that was forked after N steps; whether it is said what of PARENTS it needed. */
static bool check_shared(const struct program *program, size_t n, struct parents *parents)
{
	uint64_t limit[3];
	struct made made;
	struct taken heir;

	count_steps(program, n, limit);
	begin_child(&made, "parent.tmz", limit);
	made_end(&made, "child.tmz");
	heir_open(&heir, "child.tmz", "start", parents);
	char *text = heir_text(&heir, 0), *wanted = text_of_prefix(program, limit);
	bool alone = heir.trace->inner->ancestors[0].replayed;

	if (!CHECK_STR(text, wanted))
		fprintf(stderr, "    forked after %zu steps\n", n);
	free(text);
	free(wanted);
	drop(&heir);
	return !alone;
}

TEST(children_that_share_a_replay_of_their_parent_inherit_the_same)
{
	static struct program program;
	struct parents *parents = parents_new();

	program_make(&program, 8);
	save_parent(&program);
	for (size_t n = 0; n <= STEPS; n += dice(&program, 12))
		CHECK(check_shared(&program, n, parents));
	for (unsigned i = 0; i < 20; i++)
		CHECK(check_shared(&program, dice(&program, STEPS), parents));
	parents_free(parents);
}

/* Sizes by address of the blocks that live after the first N events that count. */
static void run_naively(const uint64_t (*events)[2], size_t n, char *text, size_t size)
{
	uint64_t sizes[8] = {0};
	size_t at = 0;

	*text = '\0';
	for (size_t i = 0; i < n; i++)
		sizes[events[i][0]] = events[i][1];
	for (size_t i = 0; i < 8; i++)
		if (sizes[i])
			at += (size_t)snprintf(text + at, size - at, "%s%zx+%llu", at ? " " : "",
					       i + 0x10, (unsigned long long)sizes[i]);
}

TEST(every_position_in_a_stream_is_that_after_so_many_events)
{
	/* Slot and size, 0: it is freed. */
	static const uint64_t events[][2] = {{1, 5}, {2, 6}, {1, 0}, {3, 7}, {1, 8}, {2, 0},
					     {3, 0}, {2, 9}, {0, 1}, {1, 0}, {1, 4}, {0, 0}};
	const size_t n = sizeof events / sizeof *events;
	struct made made;
	struct taken heir;
	char text[256];

	made_begin_as(&made, PARENT);
	for (size_t i = 0; i < n; i++) {
		if (i % 3 == 0)
			made_block(&made, 1, (uint32_t)i / 3, false);
		made_event(&made, EVENT_TIME, 0, i);
		if (events[i][1])
			made_alloc(&made, 0, 0x10 + events[i][0], events[i][1], 0, NULL);
		else
			made_event(&made, EVENT_FREE, 0, 0x10 + events[i][0]);
	}
	made_end(&made, "parent.tmz");
	for (size_t i = 0; i <= n; i++) {
		made_begin_as(&made, 1);
		made_forked(&made, PARENT, "parent.tmz", (uint64_t[]){1, 1, i}, 3);
		heir_take(&heir, &made, "child.tmz", "start");
		run_naively(events, i, text, sizeof text);
		heir_check(&heir, 0, text);
		drop(&heir);
	}
}

static void check_position(const uint64_t *position, size_t n, const char *wanted)
{
	struct made made;
	struct taken heir;

	made_begin_as(&made, PARENT);
	for (uint32_t thread = 0; thread < 4; thread++) {
		made_block(&made, thread, 0, false);
		made_alloc(&made, 0, 0x10 + thread, 1, 0, NULL);
		made_alloc(&made, 0, 0x20 + thread, 2, 0, NULL);
	}
	made_end(&made, "parent.tmz");
	made_begin_as(&made, 1);
	made_forked(&made, PARENT, "parent.tmz", position, n);
	heir_take(&heir, &made, "child.tmz", "start");
	heir_check(&heir, 0, wanted);
	CHECK_STR(heir.trace->inherited.warning, NULL);
	drop(&heir);
}

TEST(streams_that_are_not_named_count_whole_up_to_the_highest_and_not_at_all_above)
{
	check_position((uint64_t[]){2}, 1, "11+1 12+1 21+2 22+2");
	check_position((uint64_t[]){0}, 1, "");
	check_position((uint64_t[]){3, 2, 1, 0, 1}, 5, "10+1 11+1 12+1 13+1 21+2 23+2");
	check_position((uint64_t[]){1, 3, 2}, 3, "11+1 13+1 21+2 23+2");
}
