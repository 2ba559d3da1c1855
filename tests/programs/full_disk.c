// SPDX-License-Identifier: MIT
/*
 * Fills the disk of a folder at moments that hurt whoever keeps memory in a file there: after its pages were written
 * back, so that the next store asks the file system anew. Goes on with threads and a child, and allocates once more
 * when the process has ended but for its handlers. Says nothing and ends with status 7.
 *
 * full_disk FOLDER
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

static int folder;

static void work(int n)
{
	static __thread void *kept[50];

	for (int i = 0; i < n; i++) {
		free(kept[i % 50]);
		kept[i % 50] = malloc((size_t)(i % 300));
	}
	for (int i = 0; i < 50; i++) {
		free(kept[i]);
		kept[i] = NULL;
	}
}

static void *thread(void *unused)
{
	work(20000);
	return unused;
}

static void threads(void)
{
	pthread_t one[2];

	for (int i = 0; i < 2; i++)
		if (pthread_create(&one[i], NULL, thread, NULL))
			_exit(9);
	for (int i = 0; i < 2; i++)
		pthread_join(one[i], NULL);
}

/* Large files first, then as small ones as there is room for. */
static void fill(void)
{
	static char bytes[1 << 16];
	struct statvfs status;
	int fd = openat(folder, "filler", O_CREAT | O_WRONLY | O_APPEND, 0600);

	memset(bytes, 0x5a, sizeof bytes);
	if (fd < 0)
		return;
	if (fstatvfs(fd, &status) == 0 && status.f_bavail * status.f_bsize > 1 << 20) {
		struct stat size;

		fstat(fd, &size);
		if (posix_fallocate(fd, size.st_size,
				    (off_t)(status.f_bavail * status.f_bsize - (1 << 19))))
			errno = 0;
	}
	for (size_t n = sizeof bytes; n; n /= 2)
		while (write(fd, bytes, n) == (ssize_t)n)
			;
	fsync(fd);
	close(fd);
}

static void full(void)
{
	syncfs(folder);
	fill();
	syncfs(folder);
}

static void last(void)
{
	full();
	work(40);
	syncfs(folder);
	work(40);
}

int main(int argc, char **argv)
{
	folder = argc > 1 ? open(argv[1], O_RDONLY | O_DIRECTORY) : -1;
	if (folder < 0)
		return 1;
	at_quick_exit(last);
	work(3000);
	full();
	work(100);
	full();
	work(20000);
	threads();
	pid_t pid = fork();

	if (!pid) {
		work(20000);
		_exit(3);
	}
	waitpid(pid, &(int){0}, 0);
	/* What is given back now may be all that there is for what comes at the end. */
	unlinkat(folder, "filler", 0);
	work(20000);
	quick_exit(7);
}
