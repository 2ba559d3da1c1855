// SPDX-License-Identifier: MIT
/*
 * Does a bit of everything that a recorder has to follow, and looks whether it is left alone: threads,
 * handlers, deep stacks, libraries, mappings, forks and execs. Whatever the recorder meets, errno, the signal
 * mask, pending signals, descriptors and children must be as without it. What it prints is the same each time.
 *
 * faulty [WORD]    WORD: an exec of itself
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../preload/tmtrace.h"

#define SLOTS 64
#define THREADS 4
#define RECORDERS 64 /* descriptors from here on are left to a recorder */

static int bad;

static void say(const char *text)
{
	size_t size = strlen(text);

	if (write(1, text, size) != (ssize_t)size)
		_exit(99);
}

static void check(bool good, const char *what)
{
	char line[200];

	if (good)
		return;
	__atomic_store_n(&bad, 1, __ATOMIC_RELAXED);
	snprintf(line, sizeof line, "WRONG: %s\n", what);
	say(line);
}

/* Allocates, resizes and frees `n` times; all that succeeds must leave errno alone. */
static void work(int n)
{
	void *kept[SLOTS] = {0};

	errno = ELIBBAD;
	for (int i = 0; i < n; i++) {
		void **slot = &kept[i % SLOTS];

		if (i % 7 == 0) {
			*slot = realloc(*slot, (size_t)(i % 900 + 1));
		} else {
			free(*slot);
			*slot = malloc((size_t)(i % 400));
		}
	}
	for (int i = 0; i < SLOTS; i++)
		free(kept[i]);
	check(errno == ELIBBAD, "errno after allocations and frees");
}

static __attribute__((noinline)) void deep(int depth)
{
	char here[64];

	__asm__ volatile("" : : "r"(here) : "memory");
	if (depth)
		deep(depth - 1);
	else
		free(malloc(77));
	__asm__ volatile("" : : "r"(here) : "memory");
}

static void *thread(void *unused)
{
	sigset_t mask;

	work(6000);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	check(!sigismember(&mask, SIGUSR1) && !sigismember(&mask, SIGTERM),
	      "signal mask of a thread");
	return unused;
}

static pthread_key_t last_key;

/* Its first and only event is in a late round of key destructors. */
static void end_late(void *round)
{
	if ((long)round < PTHREAD_DESTRUCTOR_ITERATIONS - 1)
		pthread_setspecific(last_key, (char *)round + 1);
	else
		free(malloc(44));
}

static void *late_thread(void *unused)
{
	pthread_setspecific(last_key, (void *)1);
	return unused;
}

static void late(void)
{
	pthread_t one;

	if (pthread_create(&one, NULL, late_thread, NULL))
		_exit(95);
	pthread_join(one, NULL);
}

static void threads(void)
{
	pthread_t all[THREADS];

	late();

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&all[i], NULL, thread, NULL))
			_exit(98);
	for (int i = 0; i < THREADS; i++)
		pthread_join(all[i], NULL);
}

static volatile int handled;

static void handle(int signal)
{
	(void)signal;
	free(malloc(33));
	handled++;
}

static void signals(void)
{
	struct sigaction action = {.sa_handler = handle};
	sigset_t mask, pending;

	sigaction(SIGUSR1, &action, NULL);
	for (int i = 0; i < 10; i++)
		raise(SIGUSR1);
	check(handled == 10, "signals that were handled");
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	sigpending(&pending);
	for (int signal = 1; signal < 32; signal++) {
		check(!sigismember(&mask, signal), "signal mask");
		check(!sigismember(&pending, signal), "pending signals");
	}
}

/* Descriptors below RECORDERS: 0 to 2, those of the caller, and no others. */
static void descriptors(int expected)
{
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;
	int n = 0;

	while (folder && (entry = readdir(folder)))
		n += entry->d_name[0] != '.' && atoi(entry->d_name) < RECORDERS &&
		     atoi(entry->d_name) != dirfd(folder);
	if (folder)
		closedir(folder);
	check(n == expected, "open descriptors");
}

static void mappings(void)
{
	char *at = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return;
	memset(at, 1, 1 << 16);
	munmap(at + 4096, 4096);
	check(at[0] == 1 && at[8192] == 1, "mapped memory");
	munmap(at, 1 << 16);
}

static void libraries(void)
{
	void *library = dlopen("libm.so.6", RTLD_NOW);

	work(100);
	if (library)
		dlclose(library);
	work(100);
}

static void wait_for(pid_t pid, int wanted, const char *what)
{
	int status = -1;

	check(pid > 0 && waitpid(pid, &status, 0) == pid, "a child that can be waited for");
	check(WIFEXITED(status) && WEXITSTATUS(status) == wanted, what);
}

static void children(const char *self)
{
	pid_t pid = fork();

	if (!pid) {
		work(6000);
		threads();
		exit(bad ? 9 : 3);
	}
	wait_for(pid, 3, "how a forked child ended");
	pid = fork();
	if (!pid) {
		execl(self, self, "exec", (char *)NULL);
		_exit(97);
	}
	wait_for(pid, 5, "how a forked child ended that ran a program");
	pid = vfork();
	if (!pid) {
		execl(self, self, "exec", (char *)NULL);
		_exit(96);
	}
	wait_for(pid, 5, "how a child of vfork ended");
	check(wait(NULL) == -1 && errno == ECHILD, "no other children");
}

/* As a compiler at run time leaves it. */
static void perf_map(void)
{
	char name[64], line[] = "1000 10 function\n";

	snprintf(name, sizeof name, "/tmp/perf-%d.map", (int)getpid());
	int fd = open(name, O_CREAT | O_WRONLY | O_EXCL, 0600);

	for (int i = 0; fd >= 0 && i < 40000; i++)
		check(write(fd, line, sizeof line - 1) == sizeof line - 1, "the perf map");
	close(fd);
}

static void api(void)
{
	tmtrace_take_snapshot("moment");
	work(100);
	tmtrace_stop();
	work(100);
	tmtrace_start(100);
	work(100);
}

static void at_the_end(void)
{
	work(50);
	if (bad)
		_exit(8);
}

int main(int argc, char **argv)
{
	char name[] = "own.XXXXXX", text[16] = "";
	int fd;

	if (argc > 1) {
		work(3000);
		at_the_end();
		say("exec\n");
		_exit(bad ? 8 : 5);
	}
	atexit(at_the_end);
	pthread_key_create(&last_key, end_late);
	if (getenv("FAULTY_MAP"))
		perf_map();
	fd = mkstemp(name);
	check(fd == 3 && write(fd, "precious", 8) == 8, "the first descriptor");
	work(20000);
	deep(3000);
	threads();
	signals();
	libraries();
	mappings();
	if (getenv("FAULTY_API"))
		api();
	execl("/nonexistent", "nonexistent", (char *)NULL);
	check(errno == ENOENT, "errno of a failed exec");
	work(1000);
	descriptors(4);
	children(argv[0]);
	work(1000);
	descriptors(4);
	check(pread(fd, text, sizeof text, 0) == 8 && !memcmp(text, "precious", 8), "its own file");
	unlink(name);
	say("done\n");
	return 4;
}
