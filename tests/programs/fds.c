// SPDX-License-Identifier: MIT
/*
 * A program that treats file descriptors as its own: prints the numbers it gets, closes all, opens its
 * own file on every number but a few, allocates enough for any tracer to write, and checks that nobody
 * wrote into it.
 *
 *     fds full    every number: then no tracer can open its file again and must say what it lost
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void work(void)
{
	static void *kept[100];

	for (int i = 0; i < 300000; i++) {
		free(kept[i % 100]);
		kept[i % 100] = malloc((size_t)(i % 500));
	}
}

int main(int argc, char **argv)
{
	struct rlimit limit = {1024, 1024};
	char name[] = "/tmp/tmtrace-fds-XXXXXX";
	struct stat status;
	int fd;

	(void)argv;
	printf("first %d\n", open("/dev/null", O_RDONLY));
	printf("second %d\n", open("/dev/null", O_RDONLY));
	work();
	close(3);
	printf("again %d\n", open("/dev/null", O_RDONLY));
	for (fd = 3; fd < 65536; fd++)
		close(fd);
	printf("after closing all %d\n", open("/dev/null", O_RDONLY));
	work();
	close_range(3, ~0u, 0);
	setrlimit(RLIMIT_NOFILE, &limit);
	fd = mkstemp(name);
	printf("own file %d\n", fd);
	for (int i = 3; i < 1024; i++)
		dup2(fd, i);
	for (int i = 1020; argc == 1 && i < 1024; i++)
		close(i);
	work();
	fstat(fd, &status);
	printf("own file has %ld bytes\n", (long)status.st_size);
	for (int i = 4; i < 1024; i++)
		close(i);
	work();
	printf("then %d\n", open("/dev/null", O_RDONLY));
	unlink(name);
	return 0;
}
