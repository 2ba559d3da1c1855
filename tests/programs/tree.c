// SPDX-License-Identifier: MIT
/*
 * Processes of every birth, each of which knows what it holds: blocks and mappings of its own and
 * those that it inherited. Nothing else of what it allocates has a size of 16 * n + 5.
 *
 * tree KIND: writes lines "WHAT TRACE BLOCKS BYTES MAPPED", where WHAT is "born" (a copy of a
 * process, before it does anything) or "held" (at its end, or before it replaces its program), and
 * TRACE is the pid, with ".1" once that has replaced its program. "born?" may be one event off.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../preload/tmtrace.h"

#define PAGE 4096
#define SLOTS 400
#define MAPPINGS 16

extern char **environ;
static const char *self, *again = "";
static struct slot {
	void *block;
	size_t size;
} slots[SLOTS], mappings[MAPPINGS];
static uint64_t state = 88172645463325252u;
static volatile sig_atomic_t changing; /* one call and the table differ from each other */

static uint64_t chance(uint64_t limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % limit;
}

static void say(const char *what)
{
	char line[200];
	size_t blocks = 0, bytes = 0, mapped = 0;

	for (int i = 0; i < SLOTS; i++) {
		blocks += slots[i].block != NULL;
		bytes += slots[i].size;
	}
	for (int i = 0; i < MAPPINGS; i++)
		mapped += mappings[i].size;
	int size = snprintf(line, sizeof line, "%s %d%s %zu %zu %zu\n", what, (int)getpid(), again,
			    blocks, bytes, mapped);

	if (write(1, line, (size_t)size) != size)
		_exit(9);
}

static void change_mapping(struct slot *mapping)
{
	changing = 1;
	if (mapping->block) {
		munmap(mapping->block, mapping->size);
		*mapping = (struct slot){0};
	} else {
		mapping->size = (1 + chance(5)) * PAGE;
		mapping->block = mmap(NULL, mapping->size, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	changing = 0;
}

/* Allocates, frees or resizes one block, or tries in vain. */
static void change_slot(struct slot *slot)
{
	size_t size = 16 * chance(120) + 5;

	changing = 1;
	if (!slot->block) {
		slot->block = chance(4) ? malloc(size) : calloc(1, size);
		slot->size = size;
	} else if (chance(3) == 0) {
		slot->block = realloc(slot->block, size);
		slot->size = size;
	} else if (chance(20) == 0) {
		if (realloc(slot->block, PTRDIFF_MAX / 2))
			_exit(8);
	} else {
		free(slot->block);
		*slot = (struct slot){0};
	}
	changing = 0;
}

static void churn(int n)
{
	while (n--) {
		change_slot(&slots[chance(SLOTS)]);
		if (chance(50) == 0)
			change_mapping(&mappings[chance(MAPPINGS)]);
	}
}

static void free_half(void)
{
	for (int i = 0; i < SLOTS; i += 2) {
		free(slots[i].block);
		slots[i] = (struct slot){0};
	}
}

/* What the child of a fork does, and how it ends. */
static void live(void (*work)(void))
{
	say("born");
	state += (uint64_t)getpid();
	work();
	say("held");
	_exit(0);
}

static pid_t descend(void (*work)(void))
{
	pid_t pid = fork();

	if (!pid)
		live(work);
	return pid;
}

static void wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		_exit(7);
}

/* The process goes on recording until that child has ended. */
static void churn_until_end(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, WNOHANG) != pid) {
		churn(500);
		usleep(500);
	}
	if (status)
		_exit(7);
}

static void replace(const char *kind)
{
	say("held");
	execl(self, self, kind, ".1", NULL);
	_exit(6);
}

static void leaf(void)
{
	churn(300);
}

static void third(void)
{
	free_half();
	churn(1000);
}

static void grandchild(void)
{
	third();
	churn_until_end(descend(third));
	churn(100);
}

static void child(void)
{
	churn(2000);
	churn_until_end(descend(grandchild));
}

static void child_that_execs(void)
{
	third();
	replace("leaf");
}

static void tree(void)
{
	pid_t children[3];

	churn(3000);
	children[0] = descend(child);
	churn(20000);
	children[1] = descend(child_that_execs);
	churn(20000);
	children[2] = descend(third);
	for (int i = 0; i < 3; i++)
		churn_until_end(children[i]);
	churn(1000);
}

static void with_fork(void)
{
	churn(1000);
	churn_until_end(descend(third));
}

static void with_underscore_fork(void)
{
	churn(1000);
	pid_t pid = _Fork();

	if (!pid)
		live(third);
	churn_until_end(pid);
}

static void with_clone(void)
{
	churn(1000);
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		live(third);
	churn_until_end(pid);
}

/* What a child that shares the memory does is done for its parent. */
static void with_vfork(void)
{
	churn(1000);
	pid_t pid = vfork();

	if (!pid) {
		slots[0].block = realloc(slots[0].block, slots[0].size = 16 * 77 + 5);
		execl(self, self, "leaf", "", NULL);
		_exit(6);
	}
	wait_for(pid);
	churn_until_end(descend(third));
}

static void with_spawn(void)
{
	char *arguments[] = {(char *)self, "leaf", "", NULL};
	pid_t pid;

	churn(1000);
	if (posix_spawn(&pid, self, NULL, NULL, arguments, environ))
		_exit(6);
	wait_for(pid);
	churn_until_end(descend(third));
}

static void with_system(void)
{
	char command[5000];

	churn(1000);
	snprintf(command, sizeof command, "'%s' leaf", self);
	if (system(command))
		_exit(6);
	churn_until_end(descend(third));
}

static void with_popen(void)
{
	char command[5000];
	FILE *pipe;

	churn(1000);
	snprintf(command, sizeof command, "'%s' leaf", self);
	pipe = popen(command, "r");
	while (fgets(command, sizeof command, pipe))
		if (write(1, command, strlen(command)) < 0)
			_exit(9);
	if (pclose(pipe))
		_exit(6);
	churn_until_end(descend(third));
}

static void become_daemon(void)
{
	churn(100);
	say("held"); /* the parent's end */
	if (daemon(1, 1))
		_exit(6);
	live(third);
}

/* Runs `work` in a child, and waits until all that it leaves behind have ended. */
static void with_orphans(void (*work)(void))
{
	int ends[2];
	char byte;

	churn(1000);
	if (pipe(ends))
		_exit(6);
	pid_t pid = descend(work);

	close(ends[1]);
	wait_for(pid);
	while (read(ends[0], &byte, 1) > 0)
		;
	close(ends[0]);
}

static void with_daemon(void)
{
	with_orphans(become_daemon);
}

static void fork_and_end(void)
{
	churn(100);
	descend(third);
}

static void fork_silently_and_end(void)
{
	descend(third);
	_exit(0);
}

static void with_double_fork(void)
{
	with_orphans(fork_and_end);
}

/* The process between has no event, and so no trace. */
static void with_silent_parent(void)
{
	with_orphans(fork_silently_and_end);
}

static void fork_at_end(void)
{
	churn(100);
	wait_for(descend(third));
	churn(100);
	say("held");
}

static void with_atexit(void)
{
	churn(1000);
	atexit(fork_at_end);
	exit(0);
}

/* The trace is closed already. */
static void with_quick_exit(void)
{
	churn(1000);
	at_quick_exit(fork_at_end);
	quick_exit(0);
}

static void forget(void)
{
	memset(slots, 0, sizeof slots);
	memset(mappings, 0, sizeof mappings);
}

static void with_stop(void)
{
	churn(1000);
	tmtrace_stop();
	churn(1000);
	forget();
	tmtrace_start(25);
	churn(1000);
	churn_until_end(descend(third));
}

static void with_clear(void)
{
	churn(1000);
	tmtrace_clear_traces();
	forget();
	churn(1000);
	churn_until_end(descend(third));
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool ending;

/* Some in order with the forks, some not: those are gone again, or of a size that is left out. */
static void *churn_in_thread(void *unused)
{
	while (!__atomic_load_n(&ending, __ATOMIC_RELAXED)) {
		pthread_mutex_lock(&lock);
		churn(20);
		pthread_mutex_unlock(&lock);
		for (int i = 0; i < 20; i++)
			free(malloc(4000));
	}
	return unused;
}

static void *allocate_once(void *unused)
{
	free(malloc(100));
	return unused;
}

static void *come_and_go(void *unused)
{
	while (!__atomic_load_n(&ending, __ATOMIC_RELAXED)) {
		pthread_t thread;

		pthread_create(&thread, NULL, allocate_once, NULL);
		pthread_join(thread, NULL);
	}
	return unused;
}

static void with_threads(void)
{
	pthread_t threads[4];
	pid_t pids[10];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, i ? churn_in_thread : come_and_go, NULL);
	for (int i = 0; i < 10; i++) {
		pthread_mutex_lock(&lock);
		churn(100);
		pids[i] = descend(third);
		pthread_mutex_unlock(&lock);
		usleep(2000);
	}
	for (int i = 0; i < 10; i++)
		wait_for(pids[i]);
	__atomic_store_n(&ending, true, __ATOMIC_RELAXED);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

static void fork_in_handler(int signal)
{
	(void)signal;
	pid_t pid = _Fork();

	if (!pid) {
		say(changing ? "born?" : "born");
		tmtrace_take_snapshot("forked"); /* an event that needs no malloc */
		_exit(0);
	}
	wait_for(pid);
}

/* Wherever the handler comes in between. */
static void with_handler(void)
{
	tmtrace_take_snapshot("first"); /* it finds the library */
	signal(SIGUSR1, fork_in_handler);
	signal(SIGALRM, fork_in_handler);
	churn(1000);
	raise(SIGUSR1);
	for (int i = 0; i < 50; i++) {
		struct itimerval once = {.it_value = {.tv_usec = (suseconds_t)(1 + chance(900))}};

		setitimer(ITIMER_REAL, &once, NULL);
		churn(3000);
	}
}

static const struct kind {
	const char *name;
	void (*run)(void);
} kinds[] = {
	{"tree", tree},
	{"leaf", leaf},
	{"fork", with_fork},
	{"_Fork", with_underscore_fork},
	{"clone", with_clone},
	{"vfork", with_vfork},
	{"spawn", with_spawn},
	{"system", with_system},
	{"popen", with_popen},
	{"daemon", with_daemon},
	{"double", with_double_fork},
	{"silent", with_silent_parent},
	{"atexit", with_atexit},
	{"quick_exit", with_quick_exit},
	{"stop", with_stop},
	{"clear", with_clear},
	{"threads", with_threads},
	{"handler", with_handler},
};

int main(int argc, char **argv)
{
	self = argv[0];
	again = argc > 2 ? argv[2] : again;
	state += (uint64_t)getpid();
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (argc > 1 && strcmp(kinds[i].name, argv[1]) == 0) {
			kinds[i].run();
			say("held");
			return 0;
		}
	return 1;
}
