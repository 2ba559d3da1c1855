// SPDX-License-Identifier: MIT
#include "analyzer/inherit.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/ancestors.h"
#include "analyzer/trace_private.h"
#include "common/bytes.h"
#include "tests/test.h"
#include "tests/unit/heir.h"

#define PARENT 0x77

static void begin_parent(struct made *made, uint64_t identity)
{
	made_begin_as(made, identity);
	made_block(made, 1, 0, false);
}

/* A child of the first N events of thread 1 of the parent. */
static void begin_child(struct made *made, uint64_t n)
{
	made_begin_as(made, PARENT + 1);
	made_forked(made, PARENT, "parent.tmz", (uint64_t[]){1, 1, n}, 3);
	made_block(made, 1, 0, false);
	made_event(made, EVENT_FORK, 0, 100);
}

static void save_three_blocks(void)
{
	struct made made;

	begin_parent(&made, PARENT);
	made_alloc(&made, 0, 0x10, 10, 0, NULL);
	made_alloc(&made, 0, 0x20, 20, 0, NULL);
	made_alloc(&made, 0, 0x30, 30, 0, NULL);
	made_event(&made, EVENT_FREE, 0, 0x999);
	made_event(&made, EVENT_TIME, 0, 5000000000);
	made_end(&made, "parent.tmz");
}

TEST(what_a_child_counts_is_its_own_and_its_peak_begins_with_what_it_inherited)
{
	struct made made;
	struct taken heir;

	save_three_blocks();
	begin_child(&made, 4);
	made_event(&made, EVENT_FREE, 0, 0x20);
	made_alloc(&made, 0, 0x40, 5, 0, NULL);
	made_closing(&made, 1000000000);
	heir_take(&heir, &made, "child.tmz", "start peak end event:1");
	heir_check(&heir, 0, "10+10 20+20 30+30");
	heir_check(&heir, 1, "10+10 20+20 30+30");
	heir_check(&heir, 2, "10+10 30+30 40+5");
	heir_check(&heir, 3, "10+10 30+30");
	CHECK_EQ(heir.snapshots[0]->event, 0);
	CHECK_EQ(heir.snapshots[1]->event, 0);
	CHECK_EQ(heir.snapshots[0]->time_ns, 0);
	CHECK_EQ(heir.totals.start_size, 60);
	CHECK_EQ(heir.totals.start_count, 3);
	CHECK_EQ(heir.totals.events, 2);
	CHECK_EQ(heir.totals.allocations, 1);
	CHECK_EQ(heir.totals.frees, 1);
	CHECK_EQ(heir.totals.allocated_bytes, 5);
	CHECK_EQ(heir.totals.peak_size, 60);
	CHECK_EQ(heir.totals.peak_count, 3);
	CHECK_EQ(heir.totals.peak_event, 0);
	CHECK_EQ(heir.totals.peak_time_ns, 0);
	CHECK_EQ(heir.totals.live_size, 45);
	CHECK_EQ(heir.totals.curve[0], 60);
	CHECK_EQ(heir.totals.curve[59], 45);
	CHECK_EQ(heir.trace->quality.unknown_frees, 0);
	CHECK_EQ(heir.trace->quality.inherited_frees, 0);
	CHECK_EQ(heir.trace->quality.tracebacks, 1);
	CHECK_EQ(heir.trace->duration_ns, 1000000000);
	drop(&heir);
}

TEST(the_peak_of_a_child_may_come_later)
{
	struct made made;
	struct taken heir;

	save_three_blocks();
	begin_child(&made, 3);
	made_event(&made, EVENT_FREE, 0, 0x10);
	made_alloc(&made, 0, 0x40, 11, 0, NULL);
	made_event(&made, EVENT_FREE, 0, 0x20);
	heir_take(&heir, &made, "child.tmz", "peak");
	heir_check(&heir, 0, "20+20 30+30 40+11");
	CHECK_EQ(heir.totals.peak_event, 2);
	drop(&heir);
}

TEST(a_free_of_a_child_that_inherited_all_there_was_is_known_or_a_fault)
{
	struct made made;
	struct taken heir;

	save_three_blocks();
	begin_child(&made, 3);
	made_event(&made, EVENT_FREE, 0, 0x10);
	made_event(&made, EVENT_FREE, 0, 0x10);
	heir_take(&heir, &made, "child.tmz", "end");
	CHECK_EQ(heir.trace->quality.unknown_frees, 1);
	CHECK_EQ(heir.trace->quality.inherited_frees, 0);
	drop(&heir);
}

TEST(what_was_freed_before_the_fork_is_not_undone_after_it)
{
	struct made made;
	struct taken heir;

	begin_parent(&made, PARENT);
	made_alloc(&made, 0, 0x10, 10, 0, NULL);
	made_event(&made, EVENT_FREE, 0, 0x10);
	made_event(&made, EVENT_UNDO, 0, 0);
	made_end(&made, "parent.tmz");
	begin_child(&made, 2);
	made_event(&made, EVENT_UNDO, 0, 0);
	heir_take(&heir, &made, "child.tmz", "end");
	heir_check(&heir, 0, "");
	drop(&heir);
	begin_child(&made, 3);
	heir_take(&heir, &made, "child.tmz", "end");
	heir_check(&heir, 0, "10+10");
	drop(&heir);
}

static void map(struct made *made, enum event_kind kind, uint64_t stamp, uint64_t address,
		uint64_t size)
{
	made_delta(made, &(struct raw_event){.kind = kind,
					     .stamp = stamp,
					     .address = address,
					     .size = size,
					     .domain = DOMAIN_MAPPED});
}

TEST(mappings_are_inherited_and_unmapped_in_parts_whatever_the_clocks_say)
{
	struct made made;
	struct taken heir;

	made_begin_as(&made, PARENT);
	made_block(&made, 1, 0, true);
	map(&made, EVENT_TRACK, 900, 0x1000, 0x3000);
	map(&made, EVENT_UNMAP, 950, 0x8000, 0x1000);
	made_end(&made, "parent.tmz");
	made_begin_as(&made, PARENT + 1);
	made_forked(&made, PARENT, "parent.tmz", (uint64_t[]){1, 1, 2}, 3);
	made_block(&made, 1, 0, true);
	map(&made, EVENT_UNMAP, 10, 0x2000, 0x1000);
	map(&made, EVENT_TRACK, 20, 0x8000, 0x1000);
	heir_take(&heir, &made, "child.tmz", "start end");
	heir_check(&heir, 0, "1000+12288");
	heir_check(&heir, 1, "1000+4096 3000+4096 8000+4096");
	drop(&heir);
}

TEST(a_clear_in_a_child_forgets_what_it_inherited)
{
	struct made made;
	struct taken heir;

	save_three_blocks();
	begin_child(&made, 3);
	made_event(&made, EVENT_CLEAR, 0, 0);
	made_event(&made, EVENT_FREE, 0, 0x10);
	heir_take(&heir, &made, "child.tmz", "start end");
	heir_check(&heir, 0, "10+10 20+20 30+30");
	heir_check(&heir, 1, "");
	CHECK_EQ(heir.trace->quality.earlier_frees, 1);
	drop(&heir);
}

TEST(blocks_from_before_the_recording_of_a_parent_are_so_in_its_child)
{
	struct made made;
	struct taken heir;

	begin_parent(&made, PARENT);
	made_event(&made, EVENT_START, 0, 3);
	made_alloc(&made, 0, 0x10, 10, 0, NULL);
	made_end(&made, "parent.tmz");
	begin_child(&made, 1);
	made_event(&made, EVENT_FREE, 0, 0x999);
	heir_take(&heir, &made, "child.tmz", "end");
	heir_check(&heir, 0, "10+10");
	CHECK_EQ(heir.trace->quality.earlier_frees, 1);
	CHECK_EQ(heir.trace->quality.unknown_frees, 0);
	CHECK_EQ(heir.snapshots[0]->traceback_limit, 0);
	drop(&heir);
}

struct module {
	uint64_t id, from, until; /* until 0: never gone */
	const char *path;
};

/* All lie at 0x1000, where the code of the tests is. */
static void put_modules(struct made *made, const struct module *modules, size_t n)
{
	uint8_t bytes[512];
	struct put put = put_into(bytes, sizeof bytes);

	for (size_t i = 0; i < n; i++) {
		put_varint(&put, MODULE_LOADED);
		put_varint(&put, modules[i].id);
		put_varint(&put, modules[i].from);
		put_varint(&put, 0x1000);
		put_string(&put, modules[i].path, strlen(modules[i].path));
		put_string(&put, "id", 2);
		put_varint(&put, 0);
		put_varint(&put, 1);
		put_varint(&put, 0x1000);
		put_varint(&put, 0x1000);
		if (!modules[i].until)
			continue;
		put_varint(&put, MODULE_GONE);
		put_varint(&put, modules[i].id);
		put_varint(&put, modules[i].until);
	}
	made_chunk(made, CHUNK_MODULES, bytes, (size_t)(put.at - bytes));
}

TEST(an_inherited_stack_is_in_the_module_that_was_loaded_when_its_process_took_it)
{
	struct made made;
	struct taken heir;

	made_begin_as(&made, PARENT);
	put_modules(&made, (struct module[]){{0, 0, 1, "/a.so"}, {1, 1, 2, "/b.so"}}, 2);
	made_block(&made, 1, 0, false);
	made_alloc(&made, 0, 0x10, 1, 1, (uint64_t[]){0x1800});
	made_event(&made, EVENT_MODULES, 0, 1);
	made_alloc(&made, 0, 0x20, 2, 1, (uint64_t[]){0x1800});
	made_event(&made, EVENT_MODULES, 0, 2);
	made_alloc(&made, 0, 0x30, 3, 1, (uint64_t[]){0x1800});
	made_end(&made, "parent.tmz");
	made_begin_as(&made, PARENT + 1);
	made_forked(&made, PARENT, "parent.tmz", (uint64_t[]){1, 1, 3}, 3);
	put_modules(&made, (struct module[]){{5, 0, 0, "/b.so"}, {6, 1, 0, "/c.so"}}, 2);
	made_block(&made, 1, 0, false);
	made_alloc(&made, 0, 0x40, 4, 1, (uint64_t[]){0x1800});
	heir_take(&heir, &made, "child.tmz", "end");
	char *text = heir_text(&heir, 0);

	CHECK_STR(text, "10+1 domain 0, pid 0: 1800(/a.so)\n"
			"20+2 domain 0, pid 0: 1800(/b.so)\n"
			"30+3 domain 0, pid 0: 1800\n"
			"40+4 domain 0, : 1800(/b.so)\n");
	CHECK_EQ(heir.trace->n_modules, 3); /* b.so is one, though both have it */
	free(text);
	drop(&heir);
}

static void put_names(struct made *made, unsigned kind, uint64_t number, uint64_t tid,
		      const char *name)
{
	uint8_t bytes[128];
	struct put put = put_into(bytes, sizeof bytes);

	put_varint(&put, number);
	if (kind == CHUNK_THREADS)
		put_varint(&put, tid);
	put_string(&put, name, strlen(name));
	made_chunk(made, kind, bytes, (size_t)(put.at - bytes));
}

TEST(threads_and_domains_of_ancestors_have_their_names)
{
	struct made made;
	struct taken heir;

	made_begin_as(&made, PARENT);
	put_names(&made, CHUNK_THREADS, 1, 11, "parent");
	put_names(&made, CHUNK_DOMAINS, 7, 0, "pools");
	put_names(&made, CHUNK_DOMAINS, 8, 0, "old");
	made_block(&made, 1, 0, false);
	made_alloc(&made, 0, 0x10, 1, 0, NULL);
	made_end(&made, "parent.tmz");
	made_begin_as(&made, PARENT + 1);
	made_forked(&made, PARENT, "parent.tmz", (uint64_t[]){1, 1, 1}, 3);
	put_names(&made, CHUNK_THREADS, 1, 12, "child");
	put_names(&made, CHUNK_DOMAINS, 8, 0, "new");
	made_block(&made, 1, 0, false);
	made_alloc(&made, 0, 0x20, 2, 0, NULL);
	heir_take(&heir, &made, "child.tmz", "end");
	heir_check(&heir, 0, "10+1 20+2");
	const struct snapshot *end = heir.snapshots[0];

	CHECK_STR(snapshot_thread_name(end, end->traces[0].thread), "parent, tid 11 of pid 0");
	CHECK_STR(snapshot_thread_name(end, end->traces[1].thread), "child");
	CHECK_EQ(heir.trace->n_threads, 1);
	CHECK_STR(snapshot_domain_name(end, 7), "pools");
	CHECK_STR(snapshot_domain_name(end, 8), "new");
	drop(&heir);
}

/* Each generation frees what the one before it gave it to free, and allocates two blocks of its own. */
static void put_generation(struct made *made, unsigned i)
{
	char name[32];

	snprintf(name, sizeof name, "%u.tmz", i - 1);
	made_begin_as(made, 0x100 + i);
	if (i)
		made_forked(made, 0x100 + i - 1, name, (uint64_t[]){1, 1, i > 1 ? 3 : 2}, 3);
	made_block(made, 1, 0, false);
	if (i) {
		made_event(made, EVENT_FORK, 0, i);
		made_event(made, EVENT_FREE, 0, 0x100 + i - 1);
	}
	made_alloc(made, 0, 0x100 + i, 1, 1, (uint64_t[]){0x5});
	made_alloc(made, 0, 0x200 + i, 10 + i, 1, (uint64_t[]){0x5});
	made_alloc(made, 0, 0x300 + i, 99, 0, NULL); /* after the fork */
}

static void save_generations(unsigned n)
{
	struct made made;
	char name[32];

	for (unsigned i = 0; i < n; i++) {
		put_generation(&made, i);
		snprintf(name, sizeof name, "%u.tmz", i);
		made_end(&made, name);
	}
}

TEST(a_great_grandchild_inherits_from_all_before_it)
{
	struct made made;
	struct taken heir;

	save_generations(3);
	put_generation(&made, 3);
	heir_take(&heir, &made, "3.tmz", "start end");
	heir_check(&heir, 0, "102+1 200+10 201+11 202+12");
	heir_check(&heir, 1, "103+1 200+10 201+11 202+12 203+13 303+99");
	CHECK_EQ(heir.trace->quality.unknown_frees, 0);
	CHECK_EQ(heir.trace->quality.inherited_frees, 0);
	CHECK_EQ(heir.trace->inner->n_ancestors, 3);
	drop(&heir);
}

TEST(generations_may_share_what_is_replayed_of_them_in_any_order)
{
	static const char *const names[] = {"1.tmz", "2.tmz", "3.tmz", "1.tmz", "3.tmz", "2.tmz"};
	struct parents *parents = parents_new();

	save_generations(4);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct taken alone, heir;

		heir_open(&alone, names[i], "end", NULL);
		heir_open(&heir, names[i], "end", parents);
		char *text = heir_text(&heir, 0), *wanted = heir_text(&alone, 0);

		CHECK_STR(text, wanted);
		CHECK(!heir.trace->inner->ancestors[0].replayed);
		free(text);
		free(wanted);
		drop(&alone);
		drop(&heir);
	}
	parents_free(parents);
}

TEST(where_an_ancestor_is_missing_those_after_it_count)
{
	struct made made;
	struct taken heir;

	save_generations(3);
	remove(test_path("0.tmz"));
	put_generation(&made, 3);
	made_event(&made, EVENT_FREE, 0, 0x200); /* of who is not there */
	heir_take(&heir, &made, "3.tmz", "start");
	heir_check(&heir, 0, "102+1 201+11 202+12");
	CHECK(strstr(heir.trace->inherited.warning, "0.tmz, the parent's trace of "));
	CHECK(strstr(heir.trace->inherited.warning, "1.tmz, is not there: "));
	CHECK_EQ(heir.trace->quality.missing_parents, 1);
	CHECK_EQ(heir.trace->quality.inherited_frees, 1);
	CHECK_EQ(heir.trace->quality.unknown_frees, 0);
	drop(&heir);
}

TEST(a_chain_without_an_end_is_not_followed_forever)
{
	struct made made;
	struct taken heir;

	save_generations(100);
	put_generation(&made, 100);
	heir_take(&heir, &made, "100.tmz", "start");
	CHECK_EQ(heir.trace->inner->n_ancestors, 64);
	CHECK_EQ(heir.snapshots[0]->n_traces, 65);
	CHECK(strstr(heir.trace->inherited.warning, "is not read, as 64 others were before"));
	CHECK_EQ(heir.trace->quality.missing_parents, 1);
	drop(&heir);
}

/* The warning about the trace of a child that claims PARENT, at PATH, is its parent. */
static void check_warning(uint64_t parent, const char *path, const uint64_t *position, size_t n,
			  const char *wanted)
{
	struct made made;
	struct taken heir;

	made_begin_as(&made, PARENT + 1);
	made_forked(&made, parent, path, position, n);
	made_block(&made, 1, 0, false);
	made_event(&made, EVENT_FORK, 0, 100);
	made_event(&made, EVENT_FREE, 0, 0x10);
	heir_take(&heir, &made, "child.tmz", "end");
	if (CHECK(heir.trace->inherited.warning) &&
	    !CHECK(strstr(heir.trace->inherited.warning, wanted)))
		fprintf(stderr, "    %s\n", heir.trace->inherited.warning);
	CHECK_EQ(heir.snapshots[0]->n_traces, 0);
	CHECK_EQ(heir.trace->quality.inherited_frees, 1);
	CHECK_EQ(heir.trace->quality.missing_parents, 1);
	CHECK(!heir.trace->inherited.found);
	drop(&heir);
}

TEST(a_parent_that_is_missing_or_not_the_one_is_told_of_and_done_without)
{
	static const uint64_t position[] = {1, 1, 1}, odd[] = {1, 1};
	struct made made;

	check_warning(PARENT, "/nowhere/parent.tmz", position, 3,
		      "child.tmz: its parent's trace /nowhere/parent.tmz is not there: ");
	check_warning(PARENT, "", position, 3, "child.tmz: its parent's trace is not there: ");
	check_warning(PARENT, "child.tmz", position, 3, "child.tmz: a trace of another process): ");
	check_warning(PARENT + 1, "child.tmz", position, 3, "child.tmz is its child's as well: ");
	check_warning(PARENT, "..", position, 3, "..: not a regular file): ");
	check_warning(PARENT, "parent.tmz", odd, 2, "the place of the fork in it is not recorded");
	check_warning(PARENT, "parent.tmz", NULL, 0, "the place of the fork in it is not recorded");
	begin_parent(&made, PARENT);
	made_forked(&made, PARENT + 1, "child.tmz", position, 3);
	made_end(&made, "other.tmz");
	check_warning(PARENT + 2, "other.tmz", position, 3, "a trace of another process");
}

TEST(traces_that_are_each_others_parents_end_the_chain)
{
	struct made made;
	struct taken heir;

	made_begin_as(&made, PARENT);
	made_forked(&made, PARENT + 1, "child.tmz", (uint64_t[]){1}, 1);
	made_block(&made, 1, 0, false);
	made_alloc(&made, 0, 0x10, 1, 0, NULL);
	made_end(&made, "parent.tmz");
	begin_child(&made, 1);
	heir_take(&heir, &made, "child.tmz", "end");
	heir_check(&heir, 0, "10+1");
	CHECK_EQ(heir.trace->inner->n_ancestors, 1);
	CHECK(strstr(heir.trace->inherited.warning, "is its child's as well"));
	drop(&heir);
}

TEST(a_parent_that_ends_before_the_fork_lacks_so_many_events)
{
	struct made made;
	struct taken heir;

	save_three_blocks();
	made_begin_as(&made, PARENT + 1);
	made_forked(&made, PARENT, "parent.tmz", (uint64_t[]){3, 1, 9, 2, 7}, 5);
	made_block(&made, 1, 0, false);
	made_event(&made, EVENT_FORK, 0, 100);
	made_event(&made, EVENT_FREE, 0, 0x777);
	heir_take(&heir, &made, "child.tmz", "start");
	heir_check(&heir, 0, "10+10 20+20 30+30");
	CHECK(strstr(heir.trace->inherited.warning, "parent.tmz lacks at least 12 events: "));
	CHECK_EQ(heir.trace->quality.missing_inherited, 12);
	CHECK_EQ(heir.trace->quality.inherited_frees, 1);
	CHECK(heir.trace->inherited.found);
	drop(&heir);
}

/* Of three chunks with two events each the one in the middle is damaged. */
static void save_damaged(void)
{
	struct made made;
	size_t size;

	made_begin_as(&made, PARENT);
	for (uint32_t i = 0; i < 3; i++) {
		made_block(&made, 1, i, false);
		made_alloc(&made, 0, 0x10 + i, 1 + i, 0, NULL);
		made_alloc(&made, 0, 0x20 + i, 1 + i, 0, NULL);
		made_flush(&made);
		made_bytes(&made, &size);
		if (i == 1)
			made.bytes[size - 1] ^= 0x10;
	}
	made_end(&made, "parent.tmz");
}

static void check_damaged(uint64_t position, const char *wanted, uint64_t missing)
{
	struct made made;
	struct taken heir;

	save_damaged();
	begin_child(&made, position);
	heir_take(&heir, &made, "child.tmz", "start");
	heir_check(&heir, 0, wanted);
	CHECK_EQ(heir.trace->quality.missing_inherited, missing);
	CHECK_EQ(heir.trace->inherited.warning != NULL, missing > 0);
	drop(&heir);
}

TEST(a_damaged_chunk_of_a_parent_counts_up_to_the_fork_as_if_it_were_there)
{
	check_damaged(2, "10+1 20+1", 0);
	check_damaged(5, "10+1 12+3 20+1", 2);
	check_damaged(6, "10+1 12+3 20+1 22+3", 2);
}

static void check_damaged_thread(const uint64_t *position, size_t n, uint64_t missing)
{
	struct made made;
	struct taken heir;
	size_t size;

	begin_parent(&made, PARENT);
	made_alloc(&made, 0, 0x10, 1, 0, NULL);
	made_block(&made, 2, 0, false);
	made_alloc(&made, 0, 0x20, 2, 0, NULL);
	made_event(&made, EVENT_TIME, 0, 1);
	made_alloc(&made, 0, 0x30, 3, 0, NULL);
	made_bytes(&made, &size);
	made.bytes[size - 1] ^= 0x10;
	made_end(&made, "parent.tmz");
	made_begin_as(&made, PARENT + 1);
	made_forked(&made, PARENT, "parent.tmz", position, n);
	heir_take(&heir, &made, "child.tmz", "start");
	heir_check(&heir, 0, "10+1");
	CHECK_EQ(heir.trace->quality.missing_inherited, missing);
	drop(&heir);
}

TEST(of_a_thread_that_is_damaged_whole_is_missing_what_stood_before_the_fork)
{
	check_damaged_thread((uint64_t[]){2}, 1, 3);
	check_damaged_thread((uint64_t[]){2, 2, 1}, 3, 1);
	check_damaged_thread((uint64_t[]){2, 2, 0}, 3, 0);
	check_damaged_thread((uint64_t[]){1}, 1, 0);
}

TEST(inheriting_twice_and_replaying_twice_changes_nothing)
{
	struct made made;
	struct taken heir;
	struct replay_totals totals;
	char *message = NULL;

	save_three_blocks();
	begin_child(&made, 9);
	made_event(&made, EVENT_FREE, 0, 0x10);
	heir_take(&heir, &made, "child.tmz", "start");
	trace_inherit(heir.trace, NULL);
	CHECK_EQ(
		replay(heir.trace, NULL, 0, heir.frames, NULL, NULL, &totals, NULL, NULL, &message),
		0);
	CHECK_EQ(totals.live_size, 50);
	CHECK_EQ(totals.start_size, 60);
	CHECK_EQ(heir.trace->quality.missing_inherited, 5);
	drop(&heir);
}
