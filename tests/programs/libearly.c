// SPDX-License-Identifier: MIT
/*
 * A library that is initialised before every other one, libc and the recorder included, and uses the
 * whole malloc and mmap families by then. What it was given is looked at, resized and given back
 * when the process ends; what is wrong with it ends the process with a status of its own.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static char *small, *resized, *zeros, *large, *aligned[5], *pages;

static void run_others(void)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		execl("/nonexistent/program", "program", (char *)NULL);
		_exit(7);
	}
	if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 7)
		_exit(33);
}

static void __attribute__((constructor)) begin(void)
{
	void *pointer = NULL;
	volatile size_t many = SIZE_MAX / 2; /* more than the compiler may know */

	small = malloc(10);
	strcpy(small, "kept");
	resized = realloc(NULL, 20);
	strcpy(resized, "kept too");
	resized = realloc(resized, 200);
	resized = reallocarray(resized, 30, 10);
	zeros = calloc(10, 100);
	large = malloc(200000);
	aligned[0] = aligned_alloc(64, 640);
	if (posix_memalign(&pointer, 256, 1000))
		_exit(30);
	aligned[1] = pointer;
	aligned[2] = memalign(1024, 10);
	aligned[3] = valloc(7);
	aligned[4] = pvalloc(7);
	run_others();
	free(malloc(3));
	free(reallocarray(NULL, 3, 3));
	free(NULL);
	errno = 0;
	if (calloc(many, 4) || errno != ENOMEM)
		_exit(31);
	pages = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(pages, 2 * PAGE, PROT_READ | PROT_WRITE);
	pages = mremap(pages, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
	pages[2 * PAGE - 1] = 'm';
	munmap(pages + 2 * PAGE, 2 * PAGE);
	errno = 0;
	if (mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED ||
	    errno != EINVAL)
		_exit(32);
}

static int wrong(void)
{
	static const size_t alignments[] = {64, 256, 1024, PAGE, PAGE};

	if (strcmp(small, "kept") || strcmp(resized, "kept too") || pages[2 * PAGE - 1] != 'm')
		return 33;
	for (int i = 0; i < 1000; i++)
		if (zeros[i])
			return 34;
	for (int i = 0; i < 5; i++) {
		if (!aligned[i] || (uintptr_t)aligned[i] % alignments[i])
			return 35;
		free(aligned[i]);
	}
	small = realloc(small, 5000);
	if (strcmp(small, "kept"))
		return 36;
	memset(large, 1, 200000);
	free(small);
	free(resized);
	free(zeros);
	free(large);
	return munmap(pages, 2 * PAGE) ? 37 : 0;
}

static void __attribute__((destructor)) end(void)
{
	int status = wrong();

	if (status)
		_exit(status);
	if (write(1, "all was kept\n", 13) < 0)
		_exit(38);
}
