// SPDX-License-Identifier: MIT
/*
 * Code made at run time and named in a perf map, which calls a function that allocates: `jit HOW
 * [DEPTH]`, HOW being exit, _exit, kill, wait, exec, execfail, fork, link or huge. What is written to
 * stdout is the same in each run.
 *
 * The map has a line of code that was at the same address before, and DEPTH (1) calls of the code.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* push rbp; mov rsp, rbp; test esi, esi; jz 1f; dec esi; call itself; jmp 2f; 1: call *rdi; 2: pop rbp; ret */
static const char code[] = "\x55\x48\x89\xe5\x85\xf6\x74\x09\xff\xce"
			   "\xe8\xf1\xff\xff\xff\xeb\x02\xff\xd7\x5d\xc3";

static void *volatile sink;

static void allocate(void)
{
	for (int i = 0; i < 7; i++)
		sink = malloc(1111);
}

static void put(int fd, const char *text, size_t size)
{
	if (write(fd, text, size) != (ssize_t)size)
		abort();
}

static void name(const char *path, const void *at, const char *names)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	char text[512];
	int size = snprintf(text, sizeof text, "%lx 800 old\n%lx %zx %s\n", (unsigned long)at - 16,
			    (unsigned long)at, sizeof code, names);

	put(fd, text, (size_t)size);
	close(fd);
}

/* Lines of other code up to 65 MiB. */
static void enlarge(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND);
	static char lines[1 << 20];

	for (size_t i = 0; i < sizeof lines; i += 16)
		memcpy(lines + i, "10 10 some code\n", 16);
	for (unsigned i = 0; i < 65; i++)
		put(fd, lines, sizeof lines);
	close(fd);
}

static void run(const char *names, unsigned depth, const char *how)
{
	char path[64], elsewhere[4096];
	void (*function)(void (*)(void), unsigned);
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);

	snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
	memcpy(at, code, sizeof code);
	memcpy(&function, &at, sizeof function);
	if (strcmp(how, "link") == 0) {
		if (!getcwd(elsewhere, sizeof elsewhere - 4) ||
		    symlink(strcat(elsewhere, "/map"), path) < 0)
			abort();
		name(elsewhere, at, names);
	} else {
		name(path, at, names);
	}
	if (strcmp(how, "huge") == 0)
		enlarge(path);
	function(allocate, depth - 1);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "exit";

	run("JS:*hold file:///srv/app/hold%20it.js:12:34", argc > 2 ? (unsigned)atoi(argv[2]) : 1,
	    how);
	put(1, "worked\n", 7);
	if (strcmp(how, "_exit") == 0)
		_exit(3);
	if (strcmp(how, "kill") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(how, "wait") == 0)
		while (getchar() != EOF)
			;
	if (strcmp(how, "exec") == 0)
		execlp("true", "true", (char *)NULL);
	if (strcmp(how, "execfail") == 0) {
		execl("/nonexistent/a", "a", (char *)NULL);
		run("py::later:/srv/app/later.py", 1, how);
		execl("/nonexistent/b", "b", (char *)NULL);
	}
	if (strcmp(how, "fork") == 0) {
		if (fork() == 0) {
			run("child", 1, how);
			return 0;
		}
		wait(NULL);
	}
	return 0;
}
