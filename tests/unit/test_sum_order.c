// SPDX-License-Identifier: MIT
#include "analyzer/sum_order.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/test.h"

/* Identities of the parts of which these are identity, parent and events at the fork, in order. */
static void check_order(const uint64_t (*heads)[3], size_t n, const char *wanted)
{
	struct sum_part parts[16] = {0};
	char text[256] = "";
	size_t at = 0, taken;

	for (size_t i = 0; i < n; i++)
		parts[i].head = (struct trace_head){.identity = heads[i][0],
						    .parent = heads[i][1],
						    .forked_events = heads[i][2]};
	struct sum_part **order = sum_order(&(struct sum_operands){.parts = parts, .n = n}, &taken);

	CHECK_EQ(taken, n);
	for (size_t i = 0; i < taken; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%llu", i ? " " : "",
				       (unsigned long long)order[i]->head.identity);
	CHECK_STR(text, wanted);
	free(order);
}

TEST(children_come_behind_their_parent_in_the_order_of_their_forks)
{
	check_order((uint64_t[][3]){{5, 0, 0}, {3, 0, 0}, {4, 0, 0}}, 3, "5 3 4");
	check_order((uint64_t[][3]){{9, 1, 50}, {2, 7, 1}, {7, 1, 20}, {1, 0, 0}, {8, 0, 0}}, 5,
		    "1 7 2 9 8");
}

TEST(those_of_a_parent_that_is_not_there_are_beside_each_other)
{
	check_order((uint64_t[][3]){{1, 77, 9}, {2, 66, 4}, {3, 77, 5}, {4, 66, 2}}, 4, "4 2 3 1");
}

TEST(files_that_are_each_others_parents_or_the_same_are_taken_once)
{
	check_order((uint64_t[][3]){{1, 2, 0}, {2, 1, 0}, {3, 3, 0}}, 3, "2 1 3");
	check_order((uint64_t[][3]){{1, 0, 0}, {1, 0, 0}, {2, 1, 0}, {2, 1, 1}, {0, 0, 0}}, 5,
		    "1 2 2 1 0");
	check_order(NULL, 0, "");
}
