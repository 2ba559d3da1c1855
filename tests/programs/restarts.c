// SPDX-License-Identifier: MIT
/*
 * Starts with the live table and without, and stops, while others allocate: by another thread, in a
 * handler that interrupts hooks, and with forks at any moment. Whatever was under way then, a start
 * begins with an empty table. Prints "ok FACT" or "not ok FACT"; see tests/preload/live.sh.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../preload/tmtrace.h"
#include "ticker.h"

enum { THREADS = 3, ROUNDS = 20, LIVE = 64 };

static volatile int over;

static void fact(int holds, const char *text)
{
	char line[256];
	int n = snprintf(line, sizeof line, "%s %s\n", holds ? "ok" : "not ok", text);

	if (write(1, line, (size_t)n) != n)
		abort();
}

static void *work(void *argument)
{
	void *volatile live[LIVE] = {0};
	unsigned random = (unsigned)(uintptr_t)argument;

	while (!over) {
		random = random * 1103515245 + 12345;
		unsigned i = random >> 16 & (LIVE - 1);

		if (random >> 30 == 0) {
			live[i] = realloc(live[i], random >> 20 & 4095);
		} else if (random >> 24 == 255) {
			munmap(mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
			       4096);
		} else {
			free(live[i]);
			live[i] = malloc(random >> 20 & 511);
		}
	}
	for (int i = 0; i < LIVE; i++)
		free(live[i]);
	return NULL;
}

static void begin_work(pthread_t threads[THREADS])
{
	over = 0;
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, (void *)(i + 1));
}

static void end_work(pthread_t threads[THREADS])
{
	over = 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* After a stop: what a new recording with the table begins with. */
static int starts_empty(void)
{
	size_t now = 1, most = 1;

	return tmtrace_stop() == 0 && tmtrace_start(65535 | TMTRACE_LIVE) == 0 &&
	       tmtrace_get_traced_memory(&now, &most) == 0 && !now && !most;
}

static void by_threads(void)
{
	pthread_t threads[THREADS];
	int wrong = 0;

	for (int round = 0; round < ROUNDS; round++) {
		begin_work(threads);
		for (unsigned i = 0; i < 100; i++) {
			wrong |= tmtrace_start(25 | (i % 2 ? TMTRACE_LIVE : 0)) != 0;
			if (i % 10 == 0)
				usleep(100);
			wrong |= tmtrace_stop() != 0;
		}
		end_work(threads);
		wrong |= !starts_empty();
		tmtrace_stop();
	}
	fact(!wrong, "after starts with and without it, the table is empty");
}

static volatile sig_atomic_t n_signals;

static void on_signal(int number)
{
	(void)number;
	tmtrace_stop();
	if (++n_signals % 3)
		tmtrace_start(25 | (n_signals % 2 ? TMTRACE_LIVE : 0));
}

static void by_handlers(void)
{
	timer_t timer = ticker_make(on_signal);
	int wrong = 0;

	for (int round = 0; round < ROUNDS; round++) {
		int until = n_signals + 100;

		ticker_set(timer, 100000);
		while (n_signals < until)
			for (size_t i = 1; i < 50; i++)
				free(realloc(malloc(i * 8), i * 9));
		ticker_set(timer, 0);
		wrong |= !starts_empty();
		tmtrace_stop();
	}
	timer_delete(timer);
	fact(!wrong, "nor is anything left of what a handler stopped");
}

/* One that is recorded goes on with the table, the other one starts anew. */
static int child(void)
{
	size_t before, now, most;
	void *block;
	int recorded = tmtrace_is_tracing();

	if (!recorded && tmtrace_start(25 | TMTRACE_LIVE) != 0)
		return 1;
	int error = tmtrace_get_traced_memory(&before, &most);

	if (error == ENOTSUP)
		return 0; /* of a recording without */
	if (!recorded && (error || before || most))
		return 2;
	block = malloc(1000);
	if (tmtrace_get_traced_memory(&now, &most) != error || now - before != 1000)
		return 3;
	munmap(mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 8192);
	free(block);
	if (tmtrace_get_traced_memory(&now, &most) != error || now != before)
		return 4;
	return starts_empty() ? 0 : 5;
}

static void *fork_always(void *wrong)
{
	int status;

	while (!over) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(child());
		if (waitpid(pid, &status, 0) != pid || status) {
			*(int *)wrong = 1;
			dprintf(1, "    a child ended with %#x\n", (unsigned)status);
		}
	}
	return NULL;
}

static void *be_brief(void *argument)
{
	return malloc((size_t)argument);
}

/* Threads that end: what is freed after them goes another way. */
static void *begin_always(void *argument)
{
	pthread_t thread;
	void *block;

	while (!over) {
		pthread_create(&thread, NULL, be_brief, (void *)24);
		pthread_join(thread, &block);
		free(block);
	}
	return argument;
}

static void by_forks(void)
{
	pthread_t threads[THREADS], forking, beginning;
	int wrong = 0, wrong_child = 0;

	for (int round = 0; round < ROUNDS / 4; round++) {
		begin_work(threads);
		pthread_create(&forking, NULL, fork_always, &wrong_child);
		pthread_create(&beginning, NULL, begin_always, NULL);
		for (unsigned i = 0; i < 100; i++) {
			wrong |= tmtrace_start(25 | (i % 4 ? TMTRACE_LIVE : 0)) != 0;
			usleep(i % 3 * 500);
			wrong |= tmtrace_stop() != 0;
		}
		end_work(threads);
		pthread_join(forking, NULL);
		pthread_join(beginning, NULL);
		wrong |= !starts_empty();
		tmtrace_stop();
	}
	fact(!wrong && !wrong_child,
	     "a child of any moment has what it had, or starts with nothing");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} parts[] = {{"threads", by_threads}, {"handlers", by_handlers}, {"forks", by_forks}};

	for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (argc == 2 && strcmp(parts[i].name, argv[1]) == 0) {
			parts[i].run();
			return 0;
		}
	return 2;
}
