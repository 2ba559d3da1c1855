// SPDX-License-Identifier: MIT
/*
 * Runs a command and prints "wall_ns cpu_us peak_kib status": wall time until it returns, user +
 * system time of all its processes, the largest resident set of any of them, its wait status.
 *
 * Not done from Python, for two reasons. A process that is started by vfork has its parent's
 * resident set as the least peak it can report: this program is small. And a program that takes half
 * a millisecond should be timed from the call that starts it. Processes that the command leaves
 * behind (heaptrack's are children of its shell, but a daemon may be anybody's) are waited for here.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static long long microseconds(struct timeval time)
{
	return time.tv_sec * 1000000LL + time.tv_usec;
}

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int status, other, error;
	pid_t pid;

	if (argc < 2)
		return 2;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (!getenv("BENCH_STDERR"))
		posix_spawn_file_actions_adddup2(&actions, 1, 2);

	/* For the command, not for us: LD_PRELOAD stands in a variable of another name until here. */
	const char *preload = getenv("BENCH_PRELOAD");

	if (preload)
		setenv("LD_PRELOAD", preload, 1);
	unsetenv("BENCH_PRELOAD");

	long long start = now();

	error = posix_spawnp(&pid, argv[1], &actions, NULL, argv + 1, environ);
	if (error) {
		fprintf(stderr, "measure: %s: %s\n", argv[1], strerror(error));
		return 1;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	long long wall = now() - start;

	while (wait(&other) > 0)
		;
	getrusage(RUSAGE_CHILDREN, &usage);
	printf("%lld %lld %ld %d\n", wall,
	       microseconds(usage.ru_utime) + microseconds(usage.ru_stime), usage.ru_maxrss,
	       status);
	return 0;
}
