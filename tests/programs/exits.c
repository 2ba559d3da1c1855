// SPDX-License-Identifier: MIT
/*
 * Every way for a process to end, after 10,000 allocations of which half are freed:
 * `exits
 * return|exit|_exit|_Exit|quick_exit|abort|kill|segv|execfail|exec|pthread_exit|thread|busy`.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void *volatile sink;

static void work(void)
{
	for (int i = 0; i < 10000; i++) {
		sink = malloc(33);
		if (i % 2)
			free(sink);
	}
}

static void *exit_here(void *arg)
{
	work();
	exit(*(int *)arg);
}

static void *for_ever(void *arg)
{
	for (;;) {
		free(malloc(17));
		usleep(10);
	}
	return arg;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "return";
	struct rlimit none = {0, 0};
	pthread_t id;
	int status = 5;

	setrlimit(RLIMIT_CORE, &none);
	work();
	if (write(1, "worked\n", 7) < 0)
		return 1;
	if (strcmp(how, "exit") == 0)
		exit(3);
	if (strcmp(how, "_exit") == 0)
		_exit(4);
	if (strcmp(how, "_Exit") == 0)
		_Exit(5);
	if (strcmp(how, "quick_exit") == 0)
		quick_exit(6);
	if (strcmp(how, "abort") == 0)
		abort();
	if (strcmp(how, "kill") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(how, "segv") == 0)
		raise(SIGSEGV);
	if (strcmp(how, "exec") == 0)
		execl(argv[0], argv[0], "exit", (char *)NULL);
	if (strcmp(how, "execfail") == 0) {
		execl("/nonexistent/a", "a", (char *)NULL);
		execvp("no-such-program-anywhere", argv);
		work();
		return 7;
	}
	if (strcmp(how, "pthread_exit") == 0)
		pthread_exit(NULL);
	if (strcmp(how, "thread") == 0) {
		pthread_create(&id, NULL, exit_here, &status);
		pthread_join(id, NULL);
	}
	if (strcmp(how, "busy") == 0) {
		for (int i = 0; i < 4; i++)
			pthread_create(&id, NULL, for_ever, NULL);
		work();
		usleep(20000);
		return 8;
	}
	return 0;
}
