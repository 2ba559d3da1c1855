// SPDX-License-Identifier: MIT
/*
 * Stacks that the fast walk and the memo cover, compared with libunwind.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

#include "tests/test.h"
#include "walked_stack.h"

TEST(random_stacks_are_those_of_libunwind)
{
	seen_begin();
	random_state = 7;
	for (int i = 0; i < 200; i++)
		climb(12);
	CHECK(seen.kept > seen.walks * 8ul);
	check_seen(5000);
}

TEST(a_stack_walked_without_memory_is_the_same)
{
	seen_begin();
	random_state = 3;
	for (int i = 0; i < 20; i++) {
		seen.generation = i % 2 ? UNWIND_UNCACHED : (uint32_t)i;
		climb(10);
	}
	check_seen(200);
}

TEST(the_first_walk_may_be_one_without_memory)
{
	seen_begin();
	seen.generation = UNWIND_UNCACHED;
	climb(10);
	unwind_memory_gone();
	climb(10);
	check_seen(2);
}

TEST(nothing_is_kept_after_forget_or_in_a_new_generation)
{
	seen_begin();
	hook();
	hook();
	CHECK(seen.kept > 0);
	seen.kept = 0;
	unwind_forget(seen.unwinder);
	hook();
	seen.generation++;
	hook();
	CHECK_EQ(seen.kept, 0);
	check_seen(4);
}

static uint32_t shared_generation;

static void *climb_in_thread(void *argument)
{
	struct seen *result = argument;

	seen_begin();
	random_state = result->generation;
	for (int i = 0; i < 40; i++) {
		seen.generation =
			__atomic_add_fetch(&shared_generation, i % 8 == 0, __ATOMIC_RELAXED);
		climb(8);
	}
	*result = seen;
	seen_end();
	return NULL;
}

TEST(threads_share_the_rules)
{
	enum { THREADS = 4 };
	struct seen results[THREADS];
	pthread_t threads[THREADS];

	shared_generation = 1000;
	for (uint32_t i = 0; i < THREADS; i++) {
		results[i].generation = i;
		CHECK_EQ(pthread_create(&threads[i], NULL, climb_in_thread, &results[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		CHECK(results[i].walks > 100);
		CHECK_EQ(results[i].different + results[i].incomplete + results[i].wrong_kept, 0);
	}
}

__attribute__((noinline)) static void climb_alone(unsigned depth)
{
	hook_alone();
	if (depth)
		climb_alone(depth - 1);
	KEEP_FRAME();
}

static jmp_buf abandoned;

static void abandon(int signal)
{
	(void)signal;
	longjmp(abandoned, 1);
}

/* A handler jumps out of walks at arbitrary moments. */
TEST(an_abandoned_walk_does_no_harm)
{
	struct sigaction action = {.sa_handler = abandon, .sa_flags = SA_NODEFER}, old;
	struct itimerval interval = {.it_value.tv_usec = 200, .it_interval.tv_usec = 200},
			 off = {0};
	volatile unsigned times = 0;

	seen_begin();
	random_state = 21;
	sigaction(SIGVTALRM, &action, &old);
	if (setjmp(abandoned) == 0 || ++times < 100) {
		setitimer(ITIMER_VIRTUAL, &interval, NULL);
		for (;;)
			climb_alone(300);
	}
	setitimer(ITIMER_VIRTUAL, &off, NULL);
	sigaction(SIGVTALRM, &old, NULL);
	unwind_forget(seen.unwinder);
	seen.n_before = 0;
	seen.wrong_kept = 0;
	seen.incomplete = 0;
	climb(10);
	check_seen(100);
}

/* ---- depth ---- */

__attribute__((noinline)) static void descend(unsigned depth)
{
	if (depth)
		descend(depth - 1);
	if (depth % 20000 == 0)
		hook();
	KEEP_FRAME();
}

static void *descend_far(void *argument)
{
	struct seen *of_test = argument;

	seen = *of_test;
	descend(200000);
	*of_test = seen;
	return NULL;
}

TEST(a_stack_of_200000_frames_is_walked)
{
	pthread_attr_t large;
	pthread_t thread;

	seen_begin();
	pthread_attr_init(&large);
	pthread_attr_setstacksize(&large, 128 << 20);
	CHECK_EQ(pthread_create(&thread, &large, descend_far, &seen), 0);
	pthread_join(thread, NULL);
	check_seen(11);
}

static int compare_bytes(const void *a, const void *b)
{
	hook();
	return *(const char *)a - *(const char *)b;
}

TEST(callbacks_of_libc_are_walked_through)
{
	char bytes[] = "the quick brown fox";

	seen_begin();
	qsort(bytes, sizeof(bytes) - 1, 1, compare_bytes);
	check_seen(19);
}
