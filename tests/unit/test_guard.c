// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <fcntl.h>
#include <libelf.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/guard.h"

static void nothing(void *arg)
{
	++*(int *)arg;
}

static void fault(void *arg)
{
	++*(int *)arg;
	*(volatile char *)mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) = 0;
	++*(int *)arg;
}

static void read_past_end(void *arg)
{
	char path[] = "/tmp/tmtrace-guard-XXXXXX";
	int fd = mkstemp(path);
	volatile char *at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	unlink(path);
	close(fd);
	++*(int *)arg;
	*(int *)arg += *at;
	++*(int *)arg;
}

static void never_end(void *arg)
{
	++*(int *)arg;
	while (true)
		guard_tick();
}

static void nest(void *arg)
{
	struct guard guard = {0};

	CHECK_EQ(guard_run(&guard, fault, arg), GUARD_FAULT);
	++*(int *)arg;
}

TEST(faults_end_what_runs_and_nothing_else)
{
	struct guard guard = {0};
	int n = 0;

	guard_on();
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(guard_run(&guard, nothing, &n), GUARD_DONE);
		CHECK_EQ(guard_run(&guard, fault, &n), GUARD_FAULT);
		CHECK_EQ(guard_run(&guard, read_past_end, &n), GUARD_SHORT);
		CHECK_EQ(guard_run(&guard, nest, &n), GUARD_DONE);
	}
	CHECK_EQ(n, 15);
	guard_off();
}

TEST(work_without_end_ends_at_the_limit_of_all_runs_together)
{
	struct guard guard = {.limit_ns = 20000000};
	int n = 0;

	guard_on();
	CHECK_EQ(guard_run(&guard, never_end, &n), GUARD_TIME);
	CHECK(guard.used_ns >= guard.limit_ns && guard.used_ns < 20 * guard.limit_ns);
	CHECK_EQ(guard_run(&guard, never_end, &n), GUARD_TIME);
	CHECK_EQ(guard_run(&guard, nothing, &n), GUARD_DONE);
	CHECK_EQ(n, 3);
	guard_off();
}

static void never_end_in_libelf(void *arg)
{
	static char name[1 << 20];
	++*(int *)arg;
	memset(name, 'a', sizeof name - 1);
	while (*name)
		*name = (char)(elf_hash(name) | 1);
}

TEST(so_does_work_within_a_library)
{
	struct guard guard = {.limit_ns = 20000000};
	int n = 0;

	guard_on();
	CHECK_EQ(guard_run(&guard, never_end_in_libelf, &n), GUARD_TIME);
	CHECK_EQ(guard_run(&guard, never_end_in_libelf, &n), GUARD_TIME);
	CHECK_EQ(n, 2);
	guard_off();
}

static void *fault_often(void *arg)
{
	int *n = arg;

	for (int i = 0; i < 200; i++) {
		struct guard guard = {0};

		if (guard_run(&guard, i % 2 ? fault : nothing, n) !=
		    (i % 2 ? GUARD_FAULT : GUARD_DONE))
			*n = -1000;
	}
	return NULL;
}

TEST(threads_fault_each_for_itself)
{
	pthread_t thread[4];
	int n[4] = {0};

	guard_on();
	for (int i = 0; i < 4; i++)
		CHECK_EQ(pthread_create(&thread[i], NULL, fault_often, &n[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		CHECK_EQ(n[i], 200);
	}
	guard_off();
}

TEST(handlers_are_as_before_afterwards)
{
	struct sigaction before[2], after[2];

	sigaction(SIGSEGV, NULL, &before[0]);
	sigaction(SIGBUS, NULL, &before[1]);
	guard_on();
	guard_on();
	guard_off();
	sigaction(SIGSEGV, NULL, &after[0]);
	CHECK(after[0].sa_sigaction != before[0].sa_sigaction);
	guard_off();
	sigaction(SIGSEGV, NULL, &after[0]);
	sigaction(SIGBUS, NULL, &after[1]);
	CHECK(after[0].sa_sigaction == before[0].sa_sigaction);
	CHECK(after[1].sa_sigaction == before[1].sa_sigaction);
}

/* How a child ends that does RUN outside the guard. */
static int end_of(void (*run)(void *arg))
{
	int status = 0, n = 0;
	pid_t child = fork();

	if (child == 0) {
		signal(SIGSEGV, SIG_DFL);
		guard_on();
		run(&n);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

static void send_fault(void *arg)
{
	struct guard guard = {0};

	if (!arg) {
		raise(SIGSEGV);
		return;
	}
	guard_run(&guard, send_fault, NULL);
}

TEST(faults_outside_and_signals_that_are_sent_end_the_program)
{
	CHECK_EQ(end_of(fault), SIGSEGV);
	CHECK_EQ(end_of(send_fault), SIGSEGV);
}
