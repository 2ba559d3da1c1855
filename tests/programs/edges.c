// SPDX-License-Identifier: MIT
/*
 * The ways out of a process, and into a hook, that are easy to forget.
 *
 *     edges daemon      1000 blocks, then daemon(3): the parent ends inside libc
 *     edges exec        a handler whose exec fails interrupts a malloc loop again and again
 *     edges keys        3000 threads whose only event is the free of a key destructor
 *     edges stack       a handler allocates on an alternate stack of 6 KiB
 *     edges name        a thread without any event ends the process by _exit
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

static void *volatile sink;

static void allocate(int n)
{
	for (int i = 0; i < n; i++)
		sink = malloc(100);
}

static void run_daemon(void)
{
	allocate(1000);
	if (daemon(1, 1) < 0)
		abort();
}

static void exec_in_vain(int number)
{
	(void)number;
	execl("/nonexistent/program", "program", (char *)NULL);
}

static void run_exec(void)
{
	struct itimerval timer = {{0, 3000}, {0, 3000}}, off = {{0, 0}, {0, 0}};

	signal(SIGALRM, exec_in_vain);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (int i = 0; i < 1000000; i++) {
		sink = malloc(100);
		free(sink);
	}
	setitimer(ITIMER_REAL, &off, NULL);
}

static pthread_key_t key;

static void *leave_to_key(void *block)
{
	pthread_setspecific(key, block);
	return NULL;
}

static void run_keys(void)
{
	pthread_key_create(&key, free);
	for (int i = 0; i < 3000; i++) {
		pthread_t thread;

		pthread_create(&thread, NULL, leave_to_key, malloc(100));
		pthread_join(thread, NULL);
	}
}

static void allocate_in_handler(int number)
{
	(void)number;
	sink = malloc(777);
}

static void run_stack(void)
{
	static char memory[6144] __attribute__((aligned(16)));
	stack_t stack = {.ss_sp = memory, .ss_size = sizeof memory};
	struct sigaction action = {.sa_handler = allocate_in_handler, .sa_flags = SA_ONSTACK};

	if (sigaltstack(&stack, NULL) < 0)
		abort();
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

static void *end_process(void *unused)
{
	(void)unused;
	prctl(PR_SET_NAME, "killer");
	_exit(0);
}

static void run_name(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, end_process, NULL);
	pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} modes[] = {
		{"daemon", run_daemon}, {"exec", run_exec}, {"keys", run_keys},
		{"stack", run_stack},	{"name", run_name},
	};

	for (size_t i = 0; argc == 2 && i < sizeof modes / sizeof *modes; i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			return modes[i].run(), 0;
	return 2;
}
