// SPDX-License-Identifier: MIT
/*
 * Every way for a process to end, after 10,000 allocations of which half are freed:
 * `exits
 * return|exit|_exit|_Exit|quick_exit|abort|kill|segv|execfail|exec|execle|fexecve|execveat|
 * pthread_exit|thread|busy`.
 */
#include <errno.h>
#include <fcntl.h>
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

/* The less known ones: each fails first, then replaces the program, in an environment of its own. */
static void execute(const char *how, char **argv, char **environment)
{
	char *arguments[] = {argv[0], "told", NULL};
	int file = open(argv[0], O_RDONLY | O_CLOEXEC), folder = open("/", O_RDONLY | O_DIRECTORY);

	if (strcmp(how, "execle") == 0) {
		execle("/nonexistent/a", "a", (char *)NULL, environment);
		printf("%s\n", strerror(errno));
		work();
		fflush(stdout);
		execle(argv[0], argv[0], "told", (char *)NULL, environment);
	} else if (strcmp(how, "fexecve") == 0) {
		fexecve(folder, arguments, environment);
		printf("%s\n", strerror(errno));
		work();
		fflush(stdout);
		fexecve(file, arguments, environment);
	} else {
		execveat(folder, "nonexistent/a", arguments, environment, 0);
		printf("%s\n", strerror(errno));
		work();
		fflush(stdout);
		execveat(folder, argv[0] + 1, arguments, environment, 0);
	}
	abort();
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
	if (strstr(how, "exec") && strcmp(how, "exec") && strcmp(how, "execfail")) {
		putenv("TOLD=by the one before");
		execute(how, argv, environ);
	}
	if (strcmp(how, "told") == 0)
		return printf("%s\n", getenv("TOLD")) != 0 ? 9 : 1;
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
