// SPDX-License-Identifier: MIT
/*
 * Children of every kind, one after the other. Each allocates; what it leaves and how it ends
 * differ. Prints "pid KIND PID" of each child that it made itself.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static void *inherited[100];

static void work(int n)
{
	for (int i = 0; i < n; i++) {
		void *p = malloc(100);
		if (i % 2)
			free(p);
	}
}

static void child(const char *kind, const char *self)
{
	dprintf(1, "pid %s %d\n", kind, (int)getpid());
	if (strcmp(kind, "nothing") == 0)
		_exit(0);
	work(1000);
	for (int i = 0; i < 100; i++) /* blocks of the parent: it keeps its own copies */
		free(inherited[i]);
	if (strcmp(kind, "_exit") == 0)
		_exit(0);
	if (strcmp(kind, "exec") == 0)
		execl(self, self, "leaf", NULL);
	if (strcmp(kind, "grandchild") == 0) {
		pid_t pid = fork();
		if (!pid) {
			dprintf(1, "pid grandchild2 %d\n", (int)getpid());
			work(300);
			exit(0);
		}
		waitpid(pid, NULL, 0);
		work(10);
	}
	if (strcmp(kind, "abort") == 0)
		raise(SIGKILL);
	exit(0);
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = {"exit",	  "_exit",   "exec",
					    "grandchild", "nothing", "abort"};
	char *leaf[] = {argv[0], "leaf", NULL};
	int status;
	pid_t pid;

	if (argc > 1) {
		work(50);
		return 0;
	}
	for (int i = 0; i < 100; i++)
		inherited[i] = malloc(1000);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		pid = fork();
		if (!pid)
			child(kinds[i], argv[0]);
		waitpid(pid, &status, 0);
		printf("%s: status %x\n", kinds[i], status);
		fflush(stdout);
		work(100);
	}
	pid = vfork();
	if (!pid) {
		execv(argv[0], leaf);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	printf("vfork: status %x\n", status);
	pid = vfork();
	if (!pid) {
		execl("/nonexistent/program", "program", NULL);
		_exit(3);
	}
	waitpid(pid, &status, 0);
	printf("vfork without exec: status %x\n", status);
	work(100);
	printf("spawn: %d\n", posix_spawn(&pid, argv[0], NULL, NULL, leaf, environ));
	waitpid(pid, &status, 0);
	printf("spawned: status %x\n", status);
	fflush(stdout);
	printf("system: %d\n", system("exit 7"));
	FILE *pipe = popen("echo popen", "r");
	char line[100];
	while (fgets(line, sizeof line, pipe))
		fputs(line, stdout);
	printf("pclose: %d\n", pclose(pipe));
	work(100);
	return 0;
}
