// SPDX-License-Identifier: MIT
/*
 * A program to be asked from outside: it does nothing but what letters on its standard input tell it
 * to, and writes a line when that is done. Nothing in it allocates unasked. With THREADS, that many
 * allocate and free all the time beside it, at full speed.
 *
 *	a  allocates a block, of 1000001 bytes, 1000002 and so on, and writes its address
 *	f  frees the last one
 *	s  allocates on a stack of 16 KiB
 *	k  forks; the child allocates whenever SIGUSR1 comes
 *	v  allocates a hundred times in a child of vfork
 *	c  closes all descriptors but the first three
 *	e  executes itself anew
 *	x  executes what is not there
 *	b  begins to record by itself
 *	h  stops that again
 *	q  ends
 */
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../preload/tmtrace.h"

enum { LIVE = 64, KEPT = 1000 };

static volatile int at_end;
static void *kept[KEPT];
static int n_kept;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	char line[100];
	va_list list;

	va_start(list, format);
	int n = vsnprintf(line, sizeof line, format, list);

	va_end(list);
	if (write(1, line, (size_t)n) != n)
		_exit(9);
}

static void *work(void *arg)
{
	void *volatile live[LIVE] = {0};
	unsigned seed = (unsigned)(size_t)arg;

	while (!at_end) {
		seed = seed * 1103515245 + 12345;
		unsigned i = seed >> 16 & (LIVE - 1);

		free(live[i]);
		live[i] = malloc(seed >> 20 & 511);
	}
	for (int i = 0; i < LIVE; i++)
		free(live[i]);
	return NULL;
}

static void allocate(void)
{
	kept[n_kept] = malloc(1000001 + (size_t)n_kept);
	say("block %p\n", kept[n_kept++]);
}

static void *allocate_there(void *arg)
{
	kept[n_kept++] = malloc(2000000);
	return arg;
}

static void small_stack(void)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
	if (pthread_create(&thread, &attributes, allocate_there, NULL) != 0)
		_exit(8);
	pthread_join(thread, NULL);
	say("small\n");
}

static void on_signal(int signal)
{
	(void)signal;
}

static void make_child(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t usual, all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &usual);
	pid_t pid = fork();

	if (pid == 0) {
		sigaction(SIGUSR1, &action, NULL);
		sigdelset(&usual, SIGUSR1);
		say("child %d\n", (int)getpid());
		while (1) {
			sigsuspend(&usual);
			allocate();
		}
	}
	sigprocmask(SIG_SETMASK, &usual, NULL);
}

static void share(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		for (int i = 0; i < 100; i++)
			free(malloc(10));
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	say("shared\n");
}

int main(int argc, char **argv)
{
	unsigned threads = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
	pthread_t thread[16];
	char order;

	for (unsigned i = 0; i < threads && i < 16; i++)
		pthread_create(&thread[i], NULL, work, (void *)(size_t)(i + 1));
	say("ready\n");
	while (read(0, &order, 1) == 1 && order != 'q') {
		if (order == 'a')
			allocate();
		else if (order == 'f')
			free(kept[--n_kept]), say("freed\n");
		else if (order == 's')
			small_stack();
		else if (order == 'k')
			make_child();
		else if (order == 'v')
			share();
		else if (order == 'c')
			close_range(3, ~0u, 0), say("closed\n");
		else if (order == 'e')
			execv("/proc/self/exe", argv);
		else if (order == 'b')
			say("begun %d\n", tmtrace_start(25));
		else if (order == 'h')
			say("stopped %d\n", tmtrace_stop());
		else if (order == 'x')
			execv("/nowhere/at/all", argv), say("still here\n");
	}
	at_end = 1;
	for (unsigned i = 0; i < threads && i < 16; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
