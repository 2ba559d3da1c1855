// SPDX-License-Identifier: MIT
/*
 * Statistics and their differences, in tracemalloc's order: a total one, as no two groups have the
 * same traceback (or text).
 */
#include "statistic.h"

#include <stdlib.h>

#include "die.h"
#include "group.h"

const char *const group_key_names[GROUP_KEY_END] = {
	[GROUP_TRACEBACK] = "traceback", [GROUP_LINENO] = "lineno",   [GROUP_FILENAME] = "filename",
	[GROUP_FUNCTION] = "function",	 [GROUP_MODULE] = "module",   [GROUP_DOMAIN] = "domain",
	[GROUP_THREAD] = "thread",	 [GROUP_PROCESS] = "process",
};

bool group_key_is_frames(enum group_key key)
{
	return key == GROUP_TRACEBACK || key == GROUP_LINENO || key == GROUP_FILENAME;
}

bool group_key_is_frame(enum group_key key)
{
	return key == GROUP_LINENO || key == GROUP_FILENAME || key == GROUP_FUNCTION ||
	       key == GROUP_MODULE;
}

bool group_key_has_frames(enum group_key key)
{
	return group_key_is_frames(key) || group_key_is_frame(key);
}

/* Both descending: negative when A comes first. */
static int larger_first(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int compare_keys(const struct frames *frames, uint32_t key_a, uint32_t traceback_a,
			uint32_t key_b, uint32_t traceback_b)
{
	if (key_a != STRING_NONE)
		return frames_text_compare(frames, key_b, key_a);
	return frames_traceback_compare(frames, traceback_b, traceback_a);
}

static int compare_statistics(const void *left, const void *right, void *frames)
{
	const struct statistic *a = left, *b = right;
	int order = larger_first(a->size, b->size);

	if (!order)
		order = larger_first(a->count, b->count);
	return order ? order : compare_keys(frames, a->key, a->traceback, b->key, b->traceback);
}

static uint64_t magnitude(int64_t change)
{
	return change < 0 ? -(uint64_t)change : (uint64_t)change;
}

static int compare_diffs(const void *left, const void *right, void *frames)
{
	const struct statistic_diff *a = left, *b = right;
	int order = larger_first(magnitude(a->size_diff), magnitude(b->size_diff));

	if (!order)
		order = larger_first(a->size, b->size);
	if (!order)
		order = larger_first(magnitude(a->count_diff), magnitude(b->count_diff));
	if (!order)
		order = larger_first(a->count, b->count);
	return order ? order : compare_keys(frames, a->key, a->traceback, b->key, b->traceback);
}

struct statistic *statistics_of(const struct groups *groups, size_t *n)
{
	struct statistic *rows = xcalloc(groups->n, sizeof *rows);

	*n = 0;
	for (size_t i = 0; i < groups->n; i++) {
		const struct group *group = &groups->groups[i];
		const struct group_sums *sums = &group->sums[GROUP_NEW];

		if (sums->count)
			rows[(*n)++] = (struct statistic){
				.traceback = group->traceback,
				.key = group->key,
				.size = sums->size,
				.count = sums->count,
				.total_size = sums->total_size,
				.total_count = sums->total_count,
			};
	}
	qsort_r(rows, *n, sizeof *rows, compare_statistics, groups->frames);
	return rows;
}

struct statistic *statistics(struct snapshot *snapshot, enum group_key key, bool cumulative,
			     size_t *n)
{
	struct groups groups = {.key = key, .cumulative = cumulative && group_key_is_frame(key)};

	groups_add(&groups, snapshot, GROUP_NEW);
	struct statistic *rows = statistics_of(&groups, n);

	groups_release(&groups);
	return rows;
}

struct statistic_diff *statistics_compare(struct snapshot *newer, struct snapshot *older,
					  enum group_key key, bool cumulative, size_t *n)
{
	struct groups groups = {.key = key, .cumulative = cumulative && group_key_is_frame(key)};

	groups_add(&groups, newer, GROUP_NEW);
	groups_add(&groups, older, GROUP_OLD);
	struct statistic_diff *rows = xcalloc(groups.n, sizeof *rows);

	*n = 0;
	for (size_t i = 0; i < groups.n; i++) {
		const struct group *group = &groups.groups[i];
		const struct group_sums *now = &group->sums[GROUP_NEW],
					*then = &group->sums[GROUP_OLD];

		if (now->count || then->count)
			rows[(*n)++] = (struct statistic_diff){
				.traceback = group->traceback,
				.key = group->key,
				.size = now->size,
				.count = now->count,
				.size_diff = xdifference(now->size, then->size),
				.count_diff = (int64_t)(now->count - then->count),
			};
	}
	groups_release(&groups);
	qsort_r(rows, *n, sizeof *rows, compare_diffs, newer->frames);
	return rows;
}
